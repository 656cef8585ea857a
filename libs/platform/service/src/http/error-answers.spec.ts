import { BadRequestException } from '@nestjs/common';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { checked } from './checked.js';
import { answerTo } from './error-answers.js';

const answers = {
  system: 'SHOP',
  statuses: { SHOP_UNKNOWN: 404 },
  isKnown: (error: unknown) => error instanceof ServiceError,
};

it('an error with a status of its own is told with it', () => {
  const error = new ServiceError('expected tea, got gold', { code: 'SHOP_UNKNOWN' });
  expect(answerTo(error, answers)).toEqual({ status: 404, code: 'SHOP_UNKNOWN', message: 'expected tea, got gold' });
});

it('a known one without is 503', () => {
  expect(answerTo(new ServiceError('later', { code: 'SHOP_CLOSED' }), answers)).toMatchObject({ status: 503 });
});

it('nothing is told of an error that nobody foresaw, nor of one whose code is a name that every object has', () => {
  expect(answerTo(new Error('the password is 1234'), answers)).toBeNull();
  expect(answerTo(Object.assign(new Error('x'), { code: 'toString' }), answers)).toBeNull();
  expect(answerTo('thrown', answers)).toBeNull();
});

it('what the framework or a schema refuses is a bad request in one line', () => {
  expect(answerTo(new BadRequestException('no'), answers)).toEqual({
    status: 400,
    code: 'SHOP_BAD_REQUEST',
    message: 'no',
  });
  const pipe = checked(z.strictObject({ price: z.number() }));
  expect(pipe.transform({ price: 1 }, { type: 'body' })).toEqual({ price: 1 });
  expect(() => pipe.transform({ price: 'low' }, { type: 'body' })).toThrow(/^price: /);
});
