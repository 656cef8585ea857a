export { type AuditedRequest, AuditLog, type AuditResult } from './audit-log.js';
