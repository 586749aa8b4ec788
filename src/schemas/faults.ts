import type { TLocalizedValidationError } from 'typebox/error';
import type { Fault } from './problem.ts';
import { suggestion } from './suggestion.ts';

/** A fault of form is what a schema refuses; a fault of meaning passes the schema but makes no sense. */
export interface InputFault extends Fault {
  readonly kind: 'form' | 'meaning';
}

/** More faults than this are not looked for. */
export const MAX_FAULTS = 1_000;

interface AnySchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly AnySchema[];
  readonly properties?: Readonly<Record<string, AnySchema>>;
  readonly 'x-limit'?: string;
  readonly 'x-not-supported-yet'?: readonly string[];
}

/** Says what each of a validator's errors means to the one who wrote the value. */
export function faultsOf(
  schema: object,
  value: unknown,
  errors: readonly TLocalizedValidationError[],
): InputFault[] {
  const schemaAt = (pointer: string) => lookUp(schema, pointer.replace(/^#/, '')) as AnySchema;
  const branches = new Map<string, number>();
  const faults: InputFault[] = [];
  // A union's branches complain each for itself. The branch of the value's own type is heard; without one, the union.
  for (const { keyword, instancePath, schemaPath } of errors) {
    if (keyword !== 'anyOf') continue;
    const union = schemaAt(schemaPath).anyOf!;
    const data = lookUp(value, instancePath);
    const heard = branchOf(union, data, instancePath);
    branches.set(`${instancePath} ${schemaPath}`, typeof heard === 'number' ? heard : -1);
    if (typeof heard === 'object') faults.push(heard);
  }
  for (const error of errors) {
    if (error.keyword === 'anyOf' || error.keyword === 'boolean' || !isHeard(error, branches)) continue;
    faults.push(...faultsOfError(error, schemaAt(error.schemaPath), lookUp(value, error.instancePath)));
  }
  return faults.slice(0, MAX_FAULTS);
}

/**
 * The branch of a union that a value is meant for: that of its type, and of several objects the one whose constants (its kind) it has.
 *
 * @returns a fault where there is none
 */
function branchOf(union: readonly AnySchema[], data: unknown, path: string): number | InputFault {
  const ofType = [...union.entries()].filter(
    ([, branch]) => branch.const === undefined && isOfType(branch.type, data),
  );
  const [first] = ofType;
  if (!first) return form(path, unionMessage(union, data));
  const kinds = ofType.map(([, { properties = {} }]) =>
    Object.entries(properties).find(([, property]) => property.const !== undefined),
  );
  const own = data as Record<string, unknown>;
  const ofKind = kinds.findIndex(
    (kind) => kind && Object.hasOwn(own, kind[0]) && own[kind[0]] === kind[1].const,
  );
  if (ofKind >= 0) return ofType[ofKind][0];
  const field = kinds.find((kind) => kind)?.[0];
  const kindless = kinds.indexOf(undefined);
  if (field === undefined || (kindless >= 0 && !Object.hasOwn(own, field))) return ofType[kindless][0];
  const values = kinds.flatMap((kind) => (kind ? [kind[1].const] : []));
  const at = `${path}/${pointerToken(field)}`;
  return Object.hasOwn(own, field)
    ? form(at, oneOf(values, own[field]))
    : form(at, `is required: one of ${values.map((value) => JSON.stringify(value)).join(', ')}`);
}

/** Whether every union around an error listens to the branch that the error is in. */
function isHeard(
  { instancePath, schemaPath }: TLocalizedValidationError,
  branches: ReadonlyMap<string, number>,
): boolean {
  for (const { index, 1: branch } of schemaPath.matchAll(/\/anyOf\/(\d+)/g)) {
    const union = schemaPath.slice(0, index);
    let at: string | undefined = instancePath;
    while (at !== undefined && !branches.has(`${at} ${union}`))
      at = at === '' ? undefined : at.slice(0, at.lastIndexOf('/'));
    if (at !== undefined && branches.get(`${at} ${union}`) !== Number(branch)) return false;
  }
  return true;
}

function faultsOfError(error: TLocalizedValidationError, schema: AnySchema, data: unknown): InputFault[] {
  const path = error.instancePath;
  const limit = schema['x-limit'] ? ` (limit ${schema['x-limit']} of the service)` : '';
  const told = `it is ${shownValue(data)}${schema.description ? ` (${schema.description.replace(/\.$/, '')})` : ''}`;
  const length = Array.isArray(data) ? data.length : 0;
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => {
        const about = schema.properties?.[name]?.description;
        return form(`${path}/${pointerToken(name)}`, `is required${about ? `: ${about}` : ''}`);
      });
    case 'additionalProperties':
      return error.params.additionalProperties
        .slice(0, MAX_FAULTS)
        .map((name) => unknownField(`${path}/${pointerToken(name)}`, name, schema));
    case 'type':
      return [form(path, `must be ${typeName(schema.type)}; ${told}`)];
    case 'const':
    case 'enum':
      return [form(path, oneOf(schema.enum ?? [schema.const], data))];
    case 'minimum':
      return [form(path, `must be at least ${error.params.limit}; ${told}`)];
    case 'exclusiveMinimum':
      return [form(path, `must be greater than ${error.params.limit}; ${told}`)];
    case 'maximum':
      return [form(path, `must be at most ${error.params.limit}${limit}; ${told}`)];
    case 'exclusiveMaximum':
      return [form(path, `must be less than ${error.params.limit}; ${told}`)];
    case 'minItems':
      return [form(path, `must have at least ${error.params.limit} entries; it has ${length}`)];
    case 'maxItems':
      return [form(path, `must have at most ${error.params.limit} entries${limit}; it has ${length}`)];
    case 'minLength':
      return [form(path, 'must not be empty')];
    case 'maxLength':
      return [form(path, `must have at most ${error.params.limit} characters`)];
    case 'pattern':
      return [form(path, 'must not hold control characters')];
    default:
      return [form(path, error.message)];
  }
}

function unionMessage(union: readonly AnySchema[], data: unknown): string {
  const literals = union.filter((branch) => branch.const !== undefined).map((branch) => branch.const);
  if (literals.length === union.length) return oneOf(literals, data);
  const types = [...new Set(union.map((branch) => typeName(branch.type)))];
  return `must be ${types.join(' or ')}; it is ${shownValue(data)}`;
}

function unknownField(path: string, field: string, schema: AnySchema): InputFault {
  if (schema['x-not-supported-yet']?.includes(field)) {
    return { kind: 'meaning', path, message: 'is not supported yet; leave it out' };
  }
  const known = Object.keys(schema.properties ?? {});
  const hint =
    suggestion(field, known) ?? (known.length > 0 ? `its fields are ${known.join(', ')}` : 'it has none');
  return form(path, `is not a field of ${schema.title ?? 'this object'}; ${hint}`);
}

function oneOf(values: readonly unknown[], data: unknown): string {
  const texts = values.filter((value) => typeof value === 'string');
  const near = typeof data === 'string' ? suggestion(data, texts) : undefined;
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return `must be one of ${list}; it is ${shownValue(data)}${near ? `; ${near}` : ''}`;
}

function form(path: string, message: string): InputFault {
  return { kind: 'form', path, message };
}

function isOfType(type: string | undefined, data: unknown): boolean {
  if (type === 'array') return Array.isArray(data);
  if (type === 'object') return typeof data === 'object' && data !== null && !Array.isArray(data);
  if (type === 'null') return data === null;
  return typeof data === (type === 'integer' ? 'number' : type);
}

function typeName(type: string | undefined): string {
  if (type === 'null') return 'null';
  if (type === 'number') return 'a finite number';
  return type === undefined ? 'something else' : /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** A value as a message shows it: short, and never its insides. */
export function shownValue(data: unknown): string {
  if (Array.isArray(data)) return 'an array';
  if (typeof data === 'object' && data !== null) return 'an object';
  if (typeof data !== 'string') return String(data);
  return JSON.stringify(data.length > 60 ? `${data.slice(0, 60)}…` : data);
}

/** A key as a JSON Pointer holds it (RFC 6901). */
export function pointerToken(key: string): string {
  if (!key.includes('~') && !key.includes('/')) return key;
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function lookUp(root: unknown, pointer: string): unknown {
  let at = root;
  for (const token of pointer.split('/').slice(1)) {
    at = (at as Record<string, unknown> | null | undefined)?.[
      token.replaceAll('~1', '/').replaceAll('~0', '~')
    ];
  }
  return at;
}
