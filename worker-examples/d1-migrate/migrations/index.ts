// Written by `cinnabar`: every revision of this folder, for migrate() in a program that reads no files.
import r1 from './20261120090000_create_notes.ts';
import r2 from './20261120100000_count_words.ts';

export default [r1, r2];
