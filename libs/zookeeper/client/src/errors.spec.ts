import { ErrorCode } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { ZkAuthFailedError, ZkMaybeDoneError, ZkSessionLostError, codeOfWireCode, errorOfWireCode, isMaybeDone, isNoNode } from './errors.js'; // prettier-ignore

/** Made by clients only, never by a server. */
const local = new Set<number>([
  ErrorCode.Ok,
  ErrorCode.ConnectionLoss,
  ErrorCode.InvalidCallback,
  ErrorCode.RequestTimeout,
]);

describe('errors', () => {
  it('have a code of their own for every number a server can answer', () => {
    const wireCodes = Object.values(ErrorCode).filter((wireCode) => !local.has(wireCode));
    const codes = wireCodes.map(codeOfWireCode);
    expect(codes).not.toContain('ZK_UNKNOWN_ERROR');
    expect(new Set(codes).size).toBe(codes.length);
    expect(codeOfWireCode(-9999)).toBe('ZK_UNKNOWN_ERROR');
  });

  it('say what was asked, what came, and that it was not done', () => {
    const error = errorOfWireCode(ErrorCode.NoNode, 'getData /a', '/a');
    expect(error.message).toBe('getData /a: the server answered NoNode (-101)');
    expect(error).toMatchObject({ name: 'ZkNotDoneError', outcome: 'not-done', retryable: false, path: '/a' });
    expect(isNoNode(error)).toBe(true);
    expect(isMaybeDone(error)).toBe(false);
    expect(errorOfWireCode(-9999, 'x', undefined).message).toBe('x: the server answered an unknown error (-9999)');
  });

  it('are of the class that says what to do about them', () => {
    expect(errorOfWireCode(ErrorCode.SessionExpired, 'x', undefined)).toBeInstanceOf(ZkSessionLostError);
    expect(errorOfWireCode(ErrorCode.AuthFailed, 'x', undefined)).toBeInstanceOf(ZkAuthFailedError);
    expect(errorOfWireCode(ErrorCode.ThrottledOp, 'x', undefined).retryable).toBe(true);
    const lost = new ZkMaybeDoneError('ZK_CONNECTION_LOST', 'x');
    expect([isMaybeDone(lost), lost.retryable]).toEqual([true, true]);
  });
});
