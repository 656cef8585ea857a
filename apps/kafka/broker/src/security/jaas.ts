/** The one kind of JAAS line there is here: PLAIN's users, as Kafka's files have them. */

/** `...PlainLoginModule required user_alice="secret" user_bob="secret2";`: passwords by user. Null when it is not that. */
export function plainUsers(jaas: string): ReadonlyMap<string, string> | null {
  if (!/PlainLoginModule\s+(required|requisite|sufficient|optional)\b/.test(jaas) || !/;\s*$/.test(jaas)) return null;
  return new Map([...jaas.matchAll(/\buser_([^\s=]+)="([^"]*)"/g)].map(([, user, password]) => [user!, password!]));
}

export const jaasKey = (listener: string): string => `listener.name.${listener.toLowerCase()}.plain.sasl.jaas.config`;
export const isJaasKey = (key: string): boolean => /^listener\.name\.[a-z0-9_]+\.plain\.sasl\.jaas\.config$/.test(key);
