import { expect, it } from 'vitest';
import { digestId } from './digest-id.js';

it('is the identity that Apache ZooKeeper computes from user and password', () => {
  // The example of ZooKeeper's own documentation of the super user: super:test.
  expect(digestId('super:test')).toEqual({ scheme: 'digest', id: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' });
});
