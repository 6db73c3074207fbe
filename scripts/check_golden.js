#!/usr/bin/env node
// A video against its golden set: --game production --in latest_output.mp4 --frames 5,10,20
import { dhash } from './lib/dhash.js';

dhash('golden', 'check');
