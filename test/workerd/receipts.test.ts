import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { receiptCases } from '../orm/outcome/receipt-cases.ts';

receiptCases(() => d1(env.DB));
