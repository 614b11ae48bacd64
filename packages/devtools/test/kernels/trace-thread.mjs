// Loaded by each thread before its kernels: messages on it are followed.
import { traceThread } from "@ringline/devtools";

traceThread();
