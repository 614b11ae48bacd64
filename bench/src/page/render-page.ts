import type { Report } from "../report/report.js";

export function renderPage(report: Report): string {
  return `<!doctype html><title>${report.date}</title>`;
}
