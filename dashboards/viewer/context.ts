import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.js';
import type { Look } from './theme.js';
import type { Language, Say } from './words.js';

/** What every part of the page needs to know. */
export interface Page {
  api: Api;
  language: Language;
  say: Say;
  look: Look;
  /** Goes to an address of this application without loading it again. */
  go(address: string): void;
  /** Draws everything in light colours first: paper is white. */
  print(): void;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('outside the page');
  return page;
}
