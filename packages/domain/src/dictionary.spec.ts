import { describe, expect, it } from '@jest/globals';
import { areas, isTerm, label, terms } from './dictionary.js';

const entries = Object.entries(terms);

describe('the dictionary', () => {
  it('has every term in English and in Chinese', () => {
    const wrong = entries.filter(([, { en, zh }]) => {
      const english = /^[A-Z][\p{ASCII}]*$/u.test(en) && en === en.trim();
      const chinese = /\p{Script=Han}/u.test(zh) && zh === zh.trim() && !/[a-z]/.test(zh);
      return !(english && (chinese || zh === en)); // equal on purpose: SKU
    });
    expect(wrong).toEqual([]);
  });

  it('has no key twice', () => {
    const keys = Object.values(areas).flatMap((area) => Object.keys(area));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it('has keys in kebab-case or camelCase, of an aggregate where they need one', () => {
    const key = /^([a-z]+(-[a-z]+)*\.)?([a-z]+(-[a-z]+)*|[a-z]+([A-Z][a-z]+)*)$/;
    expect(Object.keys(terms).filter((candidate) => !key.test(candidate))).toEqual([]);
  });

  it('names the roles as the regulations do', () => {
    expect(label('order-clerk')).toEqual({ en: 'Order clerk', zh: '开单员' });
    expect(Object.keys(areas.roles)).toHaveLength(31);
  });

  it('lets an aggregate give a word its own meaning', () => {
    expect(label('trial').zh).toBe('试制');
    expect(label('trial', 'distributor').zh).toBe('试用期');
    expect(label('draft', 'distributor')).toBe(label('draft'));
  });

  it('refuses unknown keys, also those every object has', () => {
    expect(() => label('no-such-term')).toThrow('no-such-term');
    expect(() => label('constructor')).toThrow('constructor');
    expect([isTerm('order'), isTerm('no-such-term'), isTerm('toString')]).toEqual([true, false, false]);
  });
});
