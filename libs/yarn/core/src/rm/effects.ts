/** What the active services ask of the world. Store effects are carried out in order and answered one by one. */
import type { ApplicationRecord, AttemptRecord, ContainerGrant, LaunchContext } from '@menagerie/yarn-protocol';

export type RmEffect =
  /** Answered by `applicationStored` or `applicationRejected`. */
  | { readonly kind: 'store-application'; readonly applicationId: string; readonly record: ApplicationRecord }
  /** Answered by `applicationUpdated`. */
  | { readonly kind: 'update-application'; readonly applicationId: string; readonly record: ApplicationRecord }
  /** Answered by `attemptStored`. */
  | { readonly kind: 'store-attempt'; readonly attemptId: string; readonly record: AttemptRecord }
  /** Answered by `attemptUpdated`. */
  | { readonly kind: 'update-attempt'; readonly attemptId: string; readonly record: AttemptRecord }
  /** Not answered. */
  | { readonly kind: 'remove-application'; readonly applicationId: string; readonly attemptIds: readonly string[] }
  /** Answered by `masterLaunched` or `masterLaunchFailed`. */
  | {
      readonly kind: 'launch-master';
      readonly attemptId: string;
      readonly grant: ContainerGrant;
      readonly launch: LaunchContext;
    }
  /** For the log. */
  | { readonly kind: 'note'; readonly message: string; readonly fields: Readonly<Record<string, unknown>> };
