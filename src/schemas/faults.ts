import type { ErrorObject } from 'ajv';
import type { Fault } from './problem.ts';
import { suggestion } from './suggestion.ts';

/** A fault of form is what a schema refuses; a fault of meaning passes the schema but makes no sense. */
export interface InputFault extends Fault {
  readonly kind: 'form' | 'meaning';
}

interface AnySchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly AnySchema[];
  readonly properties?: Readonly<Record<string, AnySchema>>;
  readonly $ref?: string;
  readonly 'x-limit'?: string;
  readonly 'x-not-supported-yet'?: readonly string[];
}

/** Says what each of the validator's errors (verbose, all of them) means to the one who wrote the input. */
export function faultsOf(
  errors: readonly ErrorObject[],
  definitions: Readonly<Record<string, object>>,
): InputFault[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  return errors.flatMap((error) => {
    if (error.keyword === 'anyOf') return unionFault(error, errors, definitions);
    // A union's branches each complain about a value of another branch's type: the union speaks for them.
    const speaksAlready = unions.some(
      ({ instancePath }) =>
        instancePath === error.instancePath && ['type', 'const', 'enum'].includes(error.keyword),
    );
    return speaksAlready ? [] : [faultOf(error)];
  });
}

function unionFault(
  { instancePath, data, parentSchema }: ErrorObject,
  errors: readonly ErrorObject[],
  definitions: Readonly<Record<string, object>>,
): InputFault[] {
  const branches = (parentSchema as AnySchema).anyOf!.map((branch) =>
    branch.$ref ? (definitions[branch.$ref.split('/').pop()!] as AnySchema) : branch,
  );
  const inside = errors.some(
    (error) =>
      error.keyword !== 'anyOf' &&
      !['type', 'const', 'enum'].includes(error.keyword) &&
      (error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`)),
  );
  const deeper = errors.some((error) => error.instancePath.startsWith(`${instancePath}/`));
  if ((inside || deeper) && branches.some((branch) => branch.type === typeOf(data))) return [];
  const literals = branches.filter((branch) => branch.const !== undefined).map((branch) => branch.const);
  if (literals.length === branches.length) return [form(instancePath, oneOf(literals, data))];
  const types = [...new Set(branches.map((branch) => typeName(branch.type)))];
  return [form(instancePath, `must be ${types.join(' or ')}; it is ${shownValue(data)}`)];
}

function faultOf(error: ErrorObject): InputFault {
  const { keyword, instancePath, params, data } = error;
  const schema = error.parentSchema as AnySchema;
  const limit = schema['x-limit'] ? ` (limit ${schema['x-limit']} of the service)` : '';
  switch (keyword) {
    case 'required': {
      const about = schema.properties?.[params.missingProperty]?.description;
      return form(
        `${instancePath}/${pointerToken(params.missingProperty)}`,
        `is required${about ? `: ${about}` : ''}`,
      );
    }
    case 'additionalProperties':
      return unknownField(
        `${instancePath}/${pointerToken(params.additionalProperty)}`,
        params.additionalProperty,
        schema,
      );
    case 'type':
      return form(
        instancePath,
        `must be ${typeName(params.type)}; it is ${shownValue(data)}${about(schema)}`,
      );
    case 'const':
    case 'enum':
      return form(instancePath, oneOf(schema.enum ?? [schema.const], data));
    case 'minimum':
      return form(
        instancePath,
        `must be at least ${params.limit}; it is ${shownValue(data)}${about(schema)}`,
      );
    case 'exclusiveMinimum':
      return form(
        instancePath,
        `must be greater than ${params.limit}; it is ${shownValue(data)}${about(schema)}`,
      );
    case 'maximum':
      return form(
        instancePath,
        `must be at most ${params.limit}${limit}; it is ${shownValue(data)}${about(schema)}`,
      );
    case 'exclusiveMaximum':
      return form(
        instancePath,
        `must be less than ${params.limit}; it is ${shownValue(data)}${about(schema)}`,
      );
    case 'minItems':
      return form(
        instancePath,
        `must have at least ${params.limit} entries; it has ${(data as unknown[]).length}`,
      );
    case 'maxItems':
      return form(
        instancePath,
        `must have at most ${params.limit} entries${limit}; it has ${(data as unknown[]).length}`,
      );
    case 'minLength':
      return form(instancePath, 'must not be empty');
    case 'maxLength':
      return form(instancePath, `must have at most ${params.limit} characters`);
    case 'pattern':
      return form(instancePath, 'must not hold control characters');
    default:
      return form(instancePath, error.message ?? `fails ${keyword}`);
  }
}

function unknownField(path: string, field: string, schema: AnySchema): InputFault {
  if (schema['x-not-supported-yet']?.includes(field)) {
    return { kind: 'meaning', path, message: 'is not supported yet; leave it out' };
  }
  const known = Object.keys(schema.properties ?? {});
  const near = suggestion(field, known);
  const owner = schema.title ?? 'this object';
  return form(
    path,
    `is not a field of ${owner}; ${near ?? (known.length > 0 ? `its fields are ${known.join(', ')}` : 'it has none')}`,
  );
}

function oneOf(values: readonly unknown[], data: unknown): string {
  const near =
    typeof data === 'string'
      ? suggestion(
          data,
          values.filter((value) => typeof value === 'string'),
        )
      : undefined;
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return `must be one of ${list}; it is ${shownValue(data)}${near ? `; ${near}` : ''}`;
}

function form(path: string, message: string): InputFault {
  return { kind: 'form', path, message };
}

function about({ description }: AnySchema): string {
  return description ? ` (${description.replace(/\.$/, '')})` : '';
}

function typeOf(data: unknown): string {
  if (data === null) return 'null';
  return Array.isArray(data) ? 'array' : typeof data;
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
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
