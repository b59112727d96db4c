export type Language = 'en' | 'zh';

/** What people read in place of a key, in each language. */
export interface Label {
  en: string;
  zh: string;
}
