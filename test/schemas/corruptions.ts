import fc from 'fast-check';

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc
    .constantFrom(
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '-',
      'e',
      '\\',
      '\\u0000',
      'null',
      '\ufeff',
      '"name":1,',
      ' ',
    )
    .map((text) => new TextEncoder().encode(text)),
  // No UTF-8: a lone continuation, an overlong form, half of a character.
  fc
    .constantFrom([0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f])
    .map((list) => Uint8Array.from(list)),
);

const corruption = fc.record({
  /** Where, as a share of the length. */
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 8 }),
  added: fc.option(bytes, { nil: new Uint8Array() }),
  isCut: fc.boolean(),
});

/** A text whose bytes are damaged in one to three places, or that ends too soon. */
export function corruptions(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc.tuple(text, fc.array(corruption, { minLength: 1, maxLength: 3 })).map(([whole, places]) =>
    places.reduce((damaged, { at, removed, added, isCut }, i) => {
      const start = Math.floor(at * damaged.length);
      const rest = isCut && i === 0 && removed > 6 ? Buffer.alloc(0) : damaged.subarray(start + removed);
      return Buffer.concat([damaged.subarray(0, start), added, rest]);
    }, Buffer.from(whole)),
  );
}
