// A module that waits for something that does not come.
await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
