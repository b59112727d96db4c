import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { clickHouseUsers } from '@fenxiao/testing/clickhouse';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { SaxesParser } from 'saxes';
import { parse } from 'yaml';
import { freshEnvironment } from './environment.js';
import { composeFile, example, folder, interpolate, read, root, stages, variable, type Service } from './test/files.js';

const compose = composeFile();
const services = Object.entries(compose.services);
const fileOf = (path: string) => readFileSync(join(root, path), 'utf8');

describe('compose.yaml', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(read('schema/compose-spec.json')) as object);

  it('is valid by the schema of the Compose Specification, which sees mistakes', () => {
    expect({ valid: validate(compose), errors: validate.errors }).toEqual({ valid: true, errors: null });
    const wrong = { ...compose, services: { gateway: { ...compose.services['gateway'], helthcheck: {} } } };
    expect(validate(wrong)).toBe(false);
  });

  it('pins every image', () => {
    for (const [name, { image }] of services)
      expect([name, image]).toEqual([name, expect.stringMatching(/^[\w/.-]+:\d+\.\d+[\w.-]*$/)]);
  });

  it('mounts files that are there, and volumes that are declared', () => {
    for (const mount of services.flatMap(([, { volumes = [] }]) => volumes)) {
      const [source = ''] = mount.replace(variable, '$1').split(':');
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
      else
        for (const language of ['zh', 'en'])
          expect(existsSync(resolve(folder, source.replace('GRAFANA_LANGUAGE', language)))).toBe(true);
    }
  });

  it('takes from outside what .env.example names, asks for each secret, and holds none', async () => {
    const text = read('compose.yaml').replace(/^\s*#.*$/gm, '');
    const used = [...text.matchAll(variable)].map(([, name, kind, value]) => ({ name: name!, kind, value }));
    const named = example();
    expect(new Set(used.map(({ name }) => name))).toEqual(new Set(Object.keys(named)));
    for (const { name, kind, value } of used)
      expect([name, kind, kind === '-' ? value : '']).toEqual([name, named[name] ? '-' : '?', named[name]]);
    const given = parseEnv(await freshEnvironment());
    expect(Object.keys(given)).toEqual(Object.keys(named));
    expect(Object.values(given).filter((value) => value === '')).toEqual([]);
    expect(() => interpolate(text, named)).toThrow('run npm run compose:env');
    expect(() => interpolate(text, given as Record<string, string>)).not.toThrow();
  });

  it('publishes different ports, on this machine alone', () => {
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(ports.every((port) => /^127\.0\.0\.1:\d+:\d+$/.test(port))).toBe(true);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length);
  });

  it('names other services by name and port', () => {
    const known = new Map<string, string>([
      ['postgres', '5432'],
      ['kafka', '9092'],
      ['clickhouse', '8123'],
      ...services.filter(([, { build }]) => build).map(([name]): [string, string] => [name, '8080']),
    ]);
    const ours = services.filter(([, { build }]) => build);
    const texts = ours
      .flatMap(([, { environment = {} }]) => Object.values(environment))
      .map((text) => text.replace(variable, ''));
    const hosts = texts.flatMap((text) => [...text.matchAll(/(?<=[/@" ]|^)([a-z-]+):(\d+)/g)]);
    expect(hosts.length).toBeGreaterThan(30);
    for (const [, host, port] of hosts) expect([host, port]).toEqual([host, known.get(host!)]);
  });

  it('starts things after what they need, which says when it is ready', () => {
    const needs = ({ depends_on: on = {} }: Service) =>
      Array.isArray(on)
        ? on.map((name) => [name, 'service_started'] as const)
        : Object.entries(on).map(([name, { condition }]) => [name, condition] as const);
    for (const [name, service] of services)
      for (const [other, condition] of needs(service)) {
        const found = compose.services[other];
        // our own image has a health check of its own
        const ready = condition !== 'service_healthy' || found?.healthcheck !== undefined || found?.build !== undefined;
        expect([name, other, ready && found !== undefined]).toEqual([name, other, true]);
      }
  });

  it('runs every service of the repository, migrated first, each with a database of its own', () => {
    const names = readdirSync(join(root, 'services')).filter((name) =>
      existsSync(join(root, 'services', name, 'src', 'main.ts')),
    );
    for (const name of names) {
      const [service, migration] = [compose.services[name], compose.services[`migrate-${name}`]];
      expect(service?.command).toEqual([`services/${name}/dist/main.js`]);
      expect(migration?.command).toEqual([`services/${name}/dist/main.js`, 'migrate']);
      expect(service?.depends_on).toHaveProperty(`migrate-${name}`, { condition: 'service_completed_successfully' });
      for (const url of [service?.environment?.['DATABASE_URL'], migration?.environment?.['MIGRATION_DATABASE_URL']])
        expect(url).toMatch(new RegExp(`/fenxiao_${name}$`));
    }
    const upstreams = JSON.parse(compose.services['gateway']!.environment!['GATEWAY_UPSTREAMS']!) as {
      services: object;
    };
    expect(Object.keys(upstreams.services)).toEqual(names);
    for (const [, { command: [program = ''] = [] }] of services.filter(([, { build }]) => build))
      expect(existsSync(join(root, program.replace('/dist/', '/src/').replace(/js$/, 'ts')))).toBe(true);
  });
});

describe('the Dockerfile', () => {
  const all = stages(read('Dockerfile'));
  const last = all.at(-1)!;

  it('copies what is there', () => {
    expect(compose.services['gateway']!.build).toEqual({ context: '../..', dockerfile: 'infra/compose/Dockerfile' });
    const sources = all
      .flatMap(({ steps }) => steps)
      .flatMap((step) => ('copy' in step && !step.from ? step.copy : []));
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    const from = all.flatMap(({ steps }) => steps).flatMap((step) => ('copy' in step && step.from ? [step.from] : []));
    for (const name of from) expect(all.map((stage) => stage.name)).toContain(name);
  });

  it('installs every workspace that runs', () => {
    const { run } = all[1]!.steps.find((step): step is { run: string } => 'run' in step)!;
    const installed = [...run.matchAll(/--workspace=(\S+)/g)].map(([, name]) => name);
    const wanted = readdirSync(join(root, 'services')).filter((name) =>
      existsSync(join(root, 'services', name, 'package.json')),
    );
    expect(installed).toEqual([...wanted.map((name) => `services/${name}`), 'infra/embedded']);
  });

  it('runs as nobody special, on the Node of the repository, and can be asked how it is', () => {
    expect(last.says['USER']).toBe('node');
    const { devDependencies } = JSON.parse(fileOf('package.json')) as { devDependencies: Record<string, string> };
    for (const { from } of [all[0]!, last]) expect(from).toBe(`node:${devDependencies['node']}-trixie-slim`);
    expect(last.says['HEALTHCHECK']).toContain('/health/live');
  });
});

describe('Grafana', () => {
  const { datasources } = parse(fileOf('infra/grafana/datasources.yaml')) as {
    datasources: { uid: string; type: string; jsonData: { username: string; defaultDatabase: string } }[];
  };

  it('has the data source that dashboards and alert rules name', () => {
    const uids = datasources.map(({ uid }) => uid);
    const types = datasources.map(({ type }) => type);
    const rules = JSON.parse(fileOf('dashboards/provisioning/alerting/fenxiao.json')) as {
      groups: { folder: string; rules: { data: { datasourceUid: string }[] }[] }[];
    };
    for (const { datasourceUid } of rules.groups.flatMap((group) => group.rules).flatMap(({ data }) => data))
      expect([...uids, '__expr__']).toContain(datasourceUid);
    const { providers } = parse(fileOf('infra/grafana/dashboards.yaml')) as {
      providers: { folder: string; options: { path: string } }[];
    };
    expect(rules.groups.map((group) => group.folder)).toEqual(providers.map((provider) => provider.folder));
    const mounted = compose.services['grafana']!.volumes!.map((mount) => mount.replace(variable, '').split(':')[1]);
    expect(mounted).toEqual(expect.arrayContaining(providers.map(({ options }) => options.path)));
    for (const language of ['zh', 'en'])
      for (const file of readdirSync(join(root, 'dashboards/provisioning', language))) {
        const text = fileOf(`dashboards/provisioning/${language}/${file}`);
        const named = [...text.matchAll(/"datasource": \{\s*"type": "([^"]+)",\s*"uid": "([^"]+)"/g)];
        expect(named.length).toBeGreaterThan(0);
        for (const [, type, uid] of named) expect([types.includes(type!), uid]).toEqual([true, '${datasource}']);
      }
  });

  it('logs in as the reader of the sums', () => {
    for (const { jsonData } of datasources)
      expect(jsonData).toMatchObject({ username: 'dashboards', defaultDatabase: 'dashboards' });
  });
});

describe('the users of ClickHouse', () => {
  const xml = fileOf('infra/clickhouse/users.xml');

  it('stand in well-formed files', () => {
    for (const text of [xml, fileOf('infra/clickhouse/access.xml')])
      expect(() => new SaxesParser().write(text).close()).not.toThrow();
  });

  it('are those of the embedded engine: one writes, each other reads one database', () => {
    const users = [...xml.matchAll(/<(\w+)>\s*<password from_env="(\w+)"\/>([\s\S]*?)<\/\1>/g)].map(
      ([, name, variableName, rest]) => ({
        name,
        variableName,
        profile: /<profile>(\w+)</.exec(rest!)![1],
        grants: [...rest!.matchAll(/<query>GRANT (.*)<\/query>/g)].map(([, grant]) => grant!),
      }),
    );
    expect(users.map(({ name }) => name)).toEqual(clickHouseUsers.map(({ name }) => name));
    expect(xml).toContain('<default remove="remove"/>');
    for (const [i, { name, kind, database, ...more }] of clickHouseUsers.entries()) {
      const user = users[i]!;
      expect(compose.services['clickhouse']!.environment).toHaveProperty(user.variableName!);
      if (kind === 'writer') expect([name, user.profile]).toEqual([name, 'fenxiao_writer']);
      else {
        expect(user.grants).toEqual([`SELECT ON ${database}.*`]);
        expect(user.profile).toBe('narrows' in more ? 'fenxiao_viewer' : 'fenxiao_reader');
      }
    }
    expect(xml).toMatch(/<fenxiao_reader>\s*<readonly>1<\/readonly>/);
  });
});
