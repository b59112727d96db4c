/** What a browser remembers of its reader: language and appearance. */
import type { Language } from './words.js';

export type Appearance = 'system' | 'light' | 'dark';

const keys = { language: 'fenxiao-language', appearance: 'fenxiao-appearance' };

export function chosenLanguage(): Language {
  const stored = localStorage.getItem(keys.language);
  if (stored === 'zh' || stored === 'en') return stored;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

export function chosenAppearance(): Appearance {
  const stored = localStorage.getItem(keys.appearance);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export const storeLanguage = (language: Language): void => localStorage.setItem(keys.language, language);
export const storeAppearance = (appearance: Appearance): void => localStorage.setItem(keys.appearance, appearance);
