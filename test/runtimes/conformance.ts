// Runs the conformance suite on libSQL at the address that is given, in the runtime that runs this, and prints how it went.
import process from 'node:process';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { runConformance } from 'cinnabar/testing';

const client = createClient({ url: process.argv[2]! });
const failures: string[] = [];
const totals = await runConformance(
  () => libsql(client),
  ({ name, status, error }) => {
    if (status === 'failed') failures.push(`${name}: ${error instanceof Error ? error.stack : 'no error'}`);
  },
);
client.close();
console.log(JSON.stringify({ totals, failures }));
