#!/usr/bin/env node
// A new golden set out of a video: --game production --in latest_output.mp4 --frames 5,10,20 [--perOs]
import { dhash } from './lib/dhash.js';

dhash('golden', 'generate');
