import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { mapping } from '../orm/mapping/all.ts';

describe.for(Object.entries(mapping))('d1: %s', ([, cases]) => cases(() => d1(env.DB)));
