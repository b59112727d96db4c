import { z } from 'zod';

/** The roles of the regulations (catalogue README, section 0.2). Their names in both languages stand in the dictionary. */
export const roles = [
  'general-manager',
  'branch-general-manager',
  'sales-general-manager',
  'deputy-general-manager-sales',
  'sales-manager',
  'regional-manager',
  'sales-administrator',
  'sales-support-clerk',
  'order-clerk',
  'finished-goods-keeper',
  'finance',
  'technical-department',
  'production-department',
  'office',
  'administration',
  'marketing-section',
  'market-researcher',
  'public-relations',
  'operations',
  'salesperson',
  'distributor',
  'probationer',
  'trainer',
  'human-resources',
  'quality-control',
  'sample-keeper',
  'head-of-department',
  'auditor',
  'system-administrator',
  'importer',
] as const;

export const Role = z.enum(roles).meta({ id: 'Role' });

/** Who may act: a role that people hold, or `system` (clocks, events, what follows from a move). */
export type Role = (typeof roles)[number] | 'system';
