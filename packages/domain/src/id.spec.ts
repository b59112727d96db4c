import { describe, expect, it } from '@jest/globals';
import { isId, newId } from './id.js';

describe('newId', () => {
  it('makes UUIDs of version 7 that sort in the order they were made', () => {
    const ids = Array.from({ length: 2000 }, newId);
    expect(ids.every(isId)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('isId', () => {
  it.each([
    ['nothing', ''],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['a random UUID of version 4', '9b2e6f0c-7c1d-4f3a-8b5e-2d4c6a8e0f12'],
    ['capitals', '0190A2B3-7C1D-7F3A-8B5E-2D4C6A8E0F12'],
    ['braces', '{0190a2b3-7c1d-7f3a-8b5e-2d4c6a8e0f12}'],
    ['a longer text', '0190a2b3-7c1d-7f3a-8b5e-2d4c6a8e0f12\n'],
  ])('refuses %s', (_, text) => {
    expect(isId(text)).toBe(false);
  });
});
