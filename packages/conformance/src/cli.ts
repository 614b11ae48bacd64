#!/usr/bin/env node
console.log(JSON.stringify({ passed: 0, failed: 0, skipped: 0 }));
