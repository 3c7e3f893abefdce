import type { Page } from 'playwright';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AgreementContent, agreementContentSchema } from '../../src/agreements/content.ts';
import { publishAgreements, withdrawAgreements } from '../../src/agreements/publishing/publish.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { writtenContent } from '../support/content.ts';
import { testNow } from '../support/known.ts';
import { startServer, type TestServer } from '../support/server.ts';

const browser = useBrowser();
let server: TestServer;
let [anne, bo]: Page[] = [];
beforeAll(async () => {
  server = await startServer();
  // Without script: what a page can do must not depend on it.
  anne = await browser.open(server.base, { javaScriptEnabled: false });
  bo = await browser.open(server.base, { javaScriptEnabled: false });
  await logIn(anne, 'redaktoer@demo.example');
  await logIn(bo, 'kontrakt@demo.example');
});

const publication = { catalogue: catalogueOf(writtenContent()), now: testNow, by: null };
const agreement = (changes: object): AgreementContent =>
  agreementContentSchema.parse({
    number: '2026-960',
    kind: 'framework',
    kindOfContract: 'supplies',
    title: { da: 'Første' },
    startsOn: '2026-01-01',
    endsOn: '2027-12-31',
    procedure: 'open',
    suppliers: [{ cvr: '90000004', name: 'Klarvand Engros A/S', town: 'Køge' }],
    ...changes,
  });
const publishedMeanwhile = (changes: object) => server.database.owner.db.transaction().execute((tx) => publishAgreements(tx, [agreement(changes)], publication));
const open = async (page: Page | undefined, number = '2026-960'): Promise<Page> => {
  await (page as Page).goto(`/forvaltning/aftaler/${number}`);
  return page as Page;
};
const save = (page: Page) => page.getByRole('button', { name: /^(Gem kladde|Gem det, der står her)$/ }).click();
const publish = (page: Page) => page.getByRole('button', { name: /^Udgiv( igen)?$/ }).click();
const said = async (page: Page) => (await page.locator('main').textContent())?.replace(/\s+/g, ' ') ?? '';
/** The rows of a comparison as somebody sees them. */
const rows = async (page: Page) => (await page.locator('.changes tbody tr').allTextContents()).map((row) => row.replace(/(fjernet|tilføjet): /g, '').replace(/\s+/g, ' '));
const onSite = async (number = '2026-960') => {
  const found = await server.database.owner.db.selectFrom('agreement').select('title_da').where('number', '=', number).where('withdrawn_at', 'is', null).execute();
  return found[0]?.title_da ?? null;
};

beforeEach(async () => {
  await server.database.owner.db.deleteFrom('agreement_draft').execute();
  await publishedMeanwhile({});
});

describe('publishing', () => {
  test('publishes what stands in the fields, not what was saved before', async () => {
    const page = await open(anne);
    await page.fill('#titleDa', 'Anden');
    await save(page);
    await page.fill('#titleDa', 'Tredje');
    await page.fill('#publishNote', 'Navnet er skiftet');
    await publish(page);
    expect(await said(page)).toContain('Aftalen er offentliggjort.');
    expect(await onSite()).toBe('Tredje');
  });

  test('says what is wrong in the fields as saving does, and keeps what was typed and why', async () => {
    const page = await open(anne);
    await save(page);
    await page.fill('#titleDa', 'Tredje');
    await page.fill('#endsOn', 'engang');
    await page.fill('#publishNote', 'Navnet er skiftet');
    await page.fill('#cpv', '33760000, 12345678');
    await page.fill('#predecessor', '2001-001');
    await publish(page);
    expect(await page.locator('#cpv-fault').textContent()).toBe('CPV-koder: 12345678 findes ikke som CPV-kode. Ret den, eller tag den ud');
    expect(await page.locator('#predecessor-fault').textContent()).toContain('findes ikke i registret. Ret nummeret, eller lad feltet stå tomt');
    expect(await page.locator('#endsOn-fault').textContent()).toContain('er ikke en dato');
    expect([await page.inputValue('#titleDa'), await page.inputValue('#publishNote'), await onSite()]).toEqual(['Tredje', 'Navnet er skiftet', 'Første']);
    await page.fill('#endsOn', '31-12-2027');
    await page.fill('#cpv', '33760000');
    await page.fill('#predecessor', '2024-031');
    await publish(page);
    expect(await onSite()).toBe('Tredje');
  });

  test('that is refused for what the register holds keeps what was typed, saved as a draft', async () => {
    const page = await open(anne, '2024-031');
    const supplier = await page.inputValue('#suppliers');
    await page.fill('#titleDa', 'Sæbe og papir');
    await save(page);
    await page.fill('#suppliers', '90002740; Nordlys Rengøring A/S; Aarhus');
    await publish(page);
    expect(await said(page)).toContain('En leverandør har opgaver under aftalen og kan ikke tages af den.');
    expect([await page.inputValue('#suppliers'), await page.inputValue('#titleDa')]).toEqual(['90002740; Nordlys Rengøring A/S; Aarhus', 'Sæbe og papir']);
    await page.fill('#suppliers', supplier);
    await publish(page);
    expect(await onSite('2024-031')).toBe('Sæbe og papir');
  });

  test('is not what Enter in a field does', async () => {
    const page = await open(anne);
    await page.fill('#titleDa', 'Anden');
    await save(page);
    await page.locator('#titleDa').press('Enter');
    expect([await said(page), await onSite()]).toEqual([expect.stringContaining('Kladden er gemt.'), 'Første']);
  });
});

describe('the form', () => {
  test('has groups that look different from fields, fields no wider than what goes in them, and shows all requirements', async () => {
    const page = await browser.open(server.base, { viewport: { width: 1280, height: 900 } });
    await logIn(page, 'redaktoer@demo.example');
    await open(page, '2024-031');
    await expectNoAxeFindings(page, 'form');
    expect([await page.inputValue('#startsOn'), await page.inputValue('#value')]).toEqual([expect.stringMatching(/^\d\d-\d\d-\d{4}$/), expect.stringMatching(/^[\d.]+,\d\d$/)]);
    const size = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((found) => Number.parseFloat(getComputedStyle(found).fontSize));
    expect(await size('legend h2')).toBeGreaterThan((await size('.field label')) * 1.2);
    const width = async (id: string) => (await page.locator(`#${id}`).boundingBox())?.width ?? 0;
    for (const id of ['startsOn', 'endsOn', 'value', 'nuts', 'predecessor', 'kind']) expect([id, (await width(id)) < 300]).toEqual([id, true]);
    expect(await width('titleDa')).toBeGreaterThan(500);
    const boxes = page.locator('input[name^="requirement-"]');
    expect(await boxes.count()).toBe(writtenContent().da.requirements.length);
    expect(
      await page
        .locator('main *')
        .evaluateAll(
          (all) => all.filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1 && one.tagName !== 'TEXTAREA').length,
        ),
    ).toBe(0);
    await page.setViewportSize({ width: 390, height: 800 });
    await expectNoSidewaysScroll(page, 'form');
    await page.fill('#suppliers', '90000004; Klarvand Engros A/S\n12; Nogen');
    await save(page);
    expect(await page.locator('#suppliers-fault').textContent()).toBe('Leverandører: linje 2 skal stå som CVR; navn; by, med et CVR-nummer på otte cifre');
    expect(await page.locator('#fejl').textContent()).toContain('Leverandører: linje 2 skal stå som');
    await page.context().close();
  });
});

describe('the comparison', () => {
  test('marks the words that differ and no others, without signs for those who see and in words for those who listen', async () => {
    await publishedMeanwhile({ summary: { da: 'Sæbe, klude og papir til skolerne' } });
    const page = await open(anne);
    await page.fill('#summaryDa', 'Sæbe, klude og poser til skolerne');
    await save(page);
    expect([await page.locator('.changes del').allTextContents(), await page.locator('.changes ins').allTextContents()]).toEqual([['fjernet: papir'], ['tilføjet: poser']]);
    expect(await rows(page)).toEqual(['Kort om aftalenSæbe, klude og papir til skolerneSæbe, klude og poser til skolerne']);
    const signs = await page.locator('.changes del, .changes ins').evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark, '::before').content));
    expect(signs).toEqual(['none', 'none']);
    expect(await page.locator('.changes').textContent()).not.toMatch(/[[\]⟨⟩]/);
  });
});

describe('a colleague who was faster', () => {
  test('is named with what he wrote beside what one wrote oneself, and is replaced only after that', async () => {
    const page = await open(anne);
    const other = await open(bo);
    await other.fill('#titleDa', 'Fra Bo');
    await other.fill('#summaryDa', 'Bo skrev også her');
    await save(other);
    await page.fill('#titleDa', 'Fra Anne');
    await save(page);
    const words = await said(page);
    expect(words).toContain('En kollega har gemt kladden, efter at du åbnede siden. Det, du skrev, står her endnu.');
    expect(await rows(page)).toEqual([expect.stringMatching(/Titel.*Fra Bo.*Fra Anne/), expect.stringContaining('Bo skrev også her')]);
    expect(await page.getByRole('link', { name: 'Åbn den i en ny fane' }).getAttribute('href')).toBe('/forvaltning/aftaler/2026-960');
    expect([await page.inputValue('#titleDa'), await page.getByRole('button', { name: 'Udgiv' }).count()]).toEqual(['Fra Anne', 0]);
    await page.fill('#summaryDa', 'Bo skrev også her');
    await save(page);
    expect(await said(page)).toContain('Kladden er gemt.');
    await publish(page);
    expect(await onSite()).toBe('Fra Anne');
  });

  test('is not told to somebody who changed nothing as if something of theirs were at stake', async () => {
    await save(await open(anne));
    const page = await open(anne);
    const other = await open(bo);
    await other.fill('#titleDa', 'Fra Bo');
    await save(other);
    await publish(page);
    const words = await said(page);
    expect(words).toContain('Du havde ikke ændret noget, og der er ikke gemt, udgivet eller kasseret noget.');
    expect(words).not.toContain('står her endnu');
    expect([await page.inputValue('#titleDa'), await onSite()]).toEqual(['Fra Bo', 'Første']);
    expect((await rows(page))[0]).toMatch(/Første.*Fra Bo/);
    await publish(page);
    expect(await onSite()).toBe('Fra Bo');
  });

  test('a list that changed the site under a draft is shown beside the draft, before and after one presses', async () => {
    const page = await open(anne);
    await page.fill('#titleDa', 'Fra Anne');
    await save(page);
    await publishedMeanwhile({ title: { da: 'Fra listen' } });
    await publish(page);
    expect(await said(page)).toContain('Aftalen er ændret eller trukket tilbage på siden, efter at du begyndte at skrive.');
    expect(await onSite()).toBe('Fra listen');
    await open(page);
    expect(await said(page)).toContain('efter at kladden blev begyndt.');
    expect((await rows(page))[0]).toMatch(/Fra listen.*Fra Anne/);
    await save(page);
    await publish(page);
    expect(await onSite()).toBe('Fra Anne');
  });

  test('nothing is replaced that was not shown, when a draft and the site have both moved on', async () => {
    const page = await open(anne);
    const other = await open(bo);
    await other.fill('#titleDa', 'Fra Bo');
    await save(other);
    await publishedMeanwhile({ title: { da: 'Fra listen' } });
    await page.fill('#titleDa', 'Fra Anne');
    await save(page);
    expect((await rows(page))[0]).toContain('Fra Bo');
    await save(page);
    expect((await rows(page))[0]).toContain('Fra listen');
    await save(page);
    expect(await said(page)).toContain('Kladden er gemt.');
  });

  test('who throws a draft away that was never published takes nothing from somebody who writes on', async () => {
    const page = anne as Page;
    await page.goto('/forvaltning/aftaler/ny');
    for (const [field, value] of Object.entries({
      number: '2026-961',
      titleDa: 'Helt ny',
      startsOn: '1-4-2026',
      endsOn: '31-3-2028',
      suppliers: '90000004; Klarvand Engros A/S; Køge',
    }))
      await page.fill(`#${field}`, value);
    for (const [field, value] of Object.entries({ kind: 'framework', kindOfContract: 'supplies', procedure: 'open' })) await page.selectOption(`#${field}`, value);
    await save(page);
    const other = await open(bo, '2026-961');
    await other.locator('summary:has-text("Kassér kladden")').click();
    await other.getByRole('button', { name: 'Ja, kassér kladden' }).click();
    expect([new URL(other.url()).pathname, (await said(other)).includes('Kladden er kasseret.')]).toEqual(['/forvaltning/aftaler', true]);
    await page.fill('#titleDa', 'Skrevet videre');
    await save(page);
    expect(await said(page)).toContain('En kollega har kasseret eller udgivet kladden');
    await save(page);
    await publish(page);
    expect(await onSite('2026-961')).toBe('Skrevet videre');
  });
});

describe('throwing a draft away', () => {
  test('takes a second step in words, and not on a page from before a colleague saved', async () => {
    const page = await open(anne);
    await page.fill('#titleDa', 'Fra Anne');
    await save(page);
    const confirm = page.getByRole('button', { name: 'Ja, kassér kladden' });
    expect(await confirm.isVisible()).toBe(false);
    const other = await open(bo);
    await other.fill('#titleDa', 'Fra Bo');
    await save(other);
    await page.locator('summary:has-text("Kassér kladden")').click();
    expect(await page.locator('details[open]').textContent()).toContain('du kan ikke få den igen');
    await confirm.click();
    expect(await said(page)).toContain('En kollega har gemt kladden');
    expect(await page.inputValue('#titleDa')).toBe('Fra Bo');
    await page.locator('summary:has-text("Kassér kladden")').click();
    await confirm.click();
    expect([(await said(page)).includes('Kladden er kasseret.'), await page.inputValue('#titleDa')]).toEqual([true, 'Første']);
  });
});

describe('an agreement that was withdrawn', () => {
  test('is listed by itself with a count, and a search that finds nothing says where to go on', async () => {
    await server.database.owner.db.transaction().execute((tx) => withdrawAgreements(tx, ['2026-960'], { now: testNow, by: null }));
    const page = anne as Page;
    await page.goto('/forvaltning/aftaler?q=Første');
    expect(await said(page)).toContain('Ingen aftale på siden passer på »Første«');
    await expectNoSidewaysScroll(page, 'no hits');
    await page.getByRole('link', { name: 'Se det, der passer blandt dem, der er trukket tilbage' }).click();
    expect(await page.locator('#liste h2').textContent()).toBe('Trukket tilbage (1)');
    expect(await page.locator('#liste .rows__title').allTextContents()).toEqual(['Første']);
    await page.getByRole('link', { name: /^Se dem, der er på siden/ }).click();
    expect(await page.locator('#liste h2').textContent()).toMatch(/^På siden \(\d+\)$/);
    await page.goto('/forvaltning/aftaler?q=xqzjklw');
    await page.getByRole('link', { name: 'Vis alle igen' }).click();
    expect(await page.locator('#liste .rows__title').count()).toBeGreaterThan(10);
  });

  test('is published again in one step, with what was corrected in it', async () => {
    await server.database.owner.db.transaction().execute((tx) => withdrawAgreements(tx, ['2026-960'], { now: testNow, by: null }));
    const page = await open(anne);
    expect([await onSite(), (await said(page)).includes('udgiv den igen nederst på siden')]).toEqual([null, true]);
    await page.fill('#titleDa', 'Tilbage');
    await publish(page);
    expect(await onSite()).toBe('Tilbage');
  });
});
