import { describe, expect, it } from '@jest/globals';
import { baseConfig, readConfig } from './config.js';

describe('configuration', () => {
  const env = {
    DATABASE_URL: 'postgres://u@127.0.0.1/db',
    OIDC_ISSUER: 'http://127.0.0.1/auth',
    PERSONAL_DATA_KEY: Buffer.alloc(32, 1).toString('base64'),
  };

  it('needs brokers where events are read from Kafka, and says so with all else that is wrong', () => {
    expect(() => readConfig(baseConfig, { ...env, PORT: 'x', EVENT_LOG: 'kafka' })).toThrow(
      /in 2 place\(s\):[^]*PORT[^]*KAFKA_BROKERS: needed with EVENT_LOG=kafka/,
    );
    expect(() => readConfig(baseConfig, { ...env, EVENT_LOG: 'kafka', KAFKA_BROKERS: 'somewhere' })).toThrow(
      'host:port',
    );
    const brokers = readConfig(baseConfig, { ...env, EVENT_LOG: 'kafka', KAFKA_BROKERS: 'a:9092, b:9092' });
    expect(brokers.KAFKA_BROKERS).toEqual(['a:9092', 'b:9092']);
    expect(readConfig(baseConfig, env).EVENT_LOG).toBe('postgres');
  });

  it('takes a key of 32 bytes, and none shorter or written otherwise', () => {
    for (const key of [undefined, '', 'secret', Buffer.alloc(31).toString('base64'), 'z'.repeat(43)])
      expect(() => readConfig(baseConfig, { ...env, PERSONAL_DATA_KEY: key })).toThrow('PERSONAL_DATA_KEY');
  });

  it('knows which half of a pair is missing', () => {
    const halves = { KAFKA_USERNAME: 'orders', KAFKA_TLS_CERT_FILE: 'cert.pem' };
    expect(() => readConfig(baseConfig, { ...env, ...halves })).toThrow(
      /in 2 place\(s\):[^]*KAFKA_PASSWORD: needed[^]*KAFKA_TLS_KEY_FILE: needed/,
    );
    const whole = { ...halves, KAFKA_PASSWORD: 'x', KAFKA_TLS_KEY_FILE: 'key.pem', KAFKA_TLS: 'true' };
    expect(readConfig(baseConfig, { ...env, ...whole })).toMatchObject({ KAFKA_TLS: true, KAFKA_PASSWORD: 'x' });
  });
});
