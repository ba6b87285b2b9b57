import { describeDifferences, labDifferences, PRODUCTION_PROVIDERS, providersOf } from '../../lab/differences';
import { PROVIDER_VERSIONS } from '../../modules/model/versions';

test('production is what the product pins', () => {
  expect(PRODUCTION_PROVIDERS).toEqual(PROVIDER_VERSIONS);
});

test('each provider that is not the one of production is named with both versions, the others are not', () => {
  const found = labDifferences(providersOf('helm=1.3.2,null=3.2.4')).filter(({ what }) => what.startsWith('provider '));
  expect(found.map(({ what, production, lab }) => [what, production, lab])).toEqual([
    ['provider helm', '3.1.1', '1.3.2'],
  ]);
});

test('each says what is in production, what in the lab, and why; none twice', () => {
  const all = labDifferences({});
  expect(new Set(all.map(({ what }) => what)).size).toBe(all.length);
  expect(
    all.flatMap(({ what, production, lab, why }) => [what, production, lab, why]).every((text) => text.length > 2),
  ).toBe(true);
  expect(describeDifferences([{ what: 'disks', production: 'real', lab: 'folders', why: 'small' }])).toBe(
    'disks\n  production: real\n  lab:        folders\n  why:        small',
  );
});
