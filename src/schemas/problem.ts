import { type Static, Type } from '#typebox';
import { closed, Text, Whole } from './quantities.ts';

export const Fault = Type.Object(
  {
    path: Type.String({ description: 'JSON Pointer to the value; "" is the whole body.' }),
    message: Type.String({ description: 'What would be right.' }),
  },
  closed('Fault', 'One fault of the input.'),
);
export type Fault = Static<typeof Fault>;

export const Problem = Type.Object(
  {
    type: Text('Which kind of failure.'),
    title: Text('The kind, for people.'),
    status: Whole('HTTP status.'),
    detail: Text('What happened this time.'),
    instance: Type.String({ description: 'Id of the request, as in the log.' }),
    errors: Type.Array(Fault, {
      description: 'Every fault of the input; empty where the input is not to blame.',
    }),
  },
  closed('Problem', 'Why a request failed (RFC 9457).'),
);
export type Problem = Static<typeof Problem>;
