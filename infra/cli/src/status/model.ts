/** What `menagerie status` knows: the shape of its JSON. zxids and session ids are hexadecimal text, as ZooKeeper prints them. */

export const ProcessState = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  /** No process. */
  down: 'down',
  /** No process, because `chaos kill` holds it down. */
  held: 'held',
  /** Stopped by SIGSTOP. */
  paused: 'paused',
} as const;
export type ProcessState = (typeof ProcessState)[keyof typeof ProcessState];

export interface ProcessStatus {
  readonly id: string;
  readonly group: string;
  readonly state: ProcessState;
  /** Why it is not healthy. */
  readonly reason?: string;
  readonly pid?: number;
  /** ISO 8601. */
  readonly since?: string;
  readonly restarts?: number;
  readonly ports: Readonly<Record<string, number>>;
  /** `chaos partition` drops its packets. */
  readonly cut: boolean;
}

export interface EnsembleServer {
  /** `zk1`, or `host:port` of a foreign server. */
  readonly id: string;
  readonly address: string;
  /** `leader`, `follower`, `observer`, `standalone`; absent when it does not serve. */
  readonly role?: string;
  readonly zxid?: string;
  readonly epoch?: number;
  readonly connections?: number;
  readonly nodes?: number;
  /** Of the whole ensemble, as this server knows it; absent where `mntr` is not allowed. */
  readonly sessions?: number;
  readonly problem?: string;
}

export interface ResourceManagerStatus {
  readonly id: string;
  readonly url: string;
  /** ACTIVE or STANDBY; absent when it does not answer. */
  readonly haState?: string;
  readonly zooKeeper?: string;
  readonly epoch?: number;
  readonly problem?: string;
}

export interface NodeManagerStatus {
  readonly id: string;
  readonly url: string;
  /** What the active ResourceManager says of it: RUNNING, LOST, ...; absent when it does not know it. */
  readonly nodeState?: string;
  readonly containers?: number;
  readonly usedMemoryMb?: number;
  readonly memoryMb?: number;
}

export interface YarnStatus {
  readonly resourceManagers: readonly ResourceManagerStatus[];
  readonly nodeManagers: readonly NodeManagerStatus[];
  readonly apps?: {
    readonly running: number;
    readonly pending: number;
    readonly completed: number;
    readonly failed: number;
  };
}

export interface KafkaBrokerStatus {
  readonly id: string;
  /** `host:port` for clients. */
  readonly address: string;
  /** Only at the controller. */
  readonly controllerEpoch?: number;
  readonly partitions?: number;
  /** Partitions it leads. */
  readonly leaders?: number;
  /** Of those, the ones whose ISR is not full. */
  readonly underReplicated?: number;
  readonly problem?: string;
}

export interface KafkaStatus {
  readonly brokers: readonly KafkaBrokerStatus[];
}

export interface LogsProcessStatus {
  readonly id: string;
  readonly url: string;
  /** leader, standby, agent; a collector's: what the allocator thinks of it. Absent when nobody could be asked. */
  readonly role?: string;
  readonly sources?: number;
  /** Bytes that agents have and the sink has not. */
  readonly lagBytes?: number;
}

export interface LogsStatus {
  readonly leader?: string;
  readonly policy?: string;
  readonly sources?: number;
  readonly unassigned?: readonly string[];
  readonly frozen?: boolean;
  readonly processes: readonly LogsProcessStatus[];
  readonly problem?: string;
}

export interface DubboStatus {
  readonly services?: readonly {
    readonly service: string;
    readonly providers: number;
    readonly consumers: number;
    readonly rules: number;
  }[];
  readonly processes: readonly {
    readonly id: string;
    readonly address: string;
    readonly role: string;
    /** A provider's share now, warm-up and overrides included. */
    readonly weight?: number;
  }[];
  readonly problem?: string;
}

export interface PlatformStatus {
  /** True exactly when `problems` is empty. */
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly zkConnect: string;
  /** True when the ensemble is somebody else's. */
  readonly foreignEnsemble: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly ensemble: readonly EnsembleServer[];
  readonly yarn: YarnStatus;
  readonly kafka: KafkaStatus;
  readonly logs: LogsStatus;
  readonly dubbo: DubboStatus;
}
