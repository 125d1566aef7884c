// What every client does, whoever made it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

// Who calls, in every request.
export const proof: Record<string, string> = { Authorization: `Bearer ${process.env["MOSTOVE_TOKEN"] ?? ""}` };

export interface Organization {
  name: string;
  etag: string;
  legalName: string;
  networkNote: string;
  deleted: boolean;
}

export interface Draft {
  legalName: string;
  kind: "LOCAL" | "DONOR";
  website?: string;
}

// The parts of an error by which programs decide.
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly reason: string,
    readonly fields: string[],
  ) {
    super(`${code} ${reason} ${fields.join(", ")}`);
  }
}

export interface Client {
  create(id: string, draft: Draft, idempotencyKey?: string): Promise<Organization>;
  get(id: string): Promise<Organization>;
  // Whether the server says that what has this tag is still the present state (304).
  isUnchanged(id: string): Promise<boolean>;
  list(filter: string, pageSize: number, pageToken: string): Promise<{ names: string[]; nextPageToken: string }>;
  updateNote(id: string, note: string, etag: string): Promise<Organization>;
  remove(id: string): Promise<Organization>;
  restore(id: string): Promise<Organization>;
}

async function refusal(call: Promise<unknown>): Promise<Refused> {
  return call.then(
    () => assert.fail("it was not refused"),
    (error: unknown) => {
      assert.ok(error instanceof Refused, `no problem document: ${String(error)}`);
      return error;
    },
  );
}

export function journey(client: Client): void {
  const ids = [1, 2, 3].map((n) => `journey-${n}-${randomUUID().slice(0, 8)}`);
  const id = ids[0] ?? "";

  test("creates, and reads what was created", async () => {
    const created = await client.create(id, { legalName: "Фондация Път", kind: "LOCAL" });
    assert.equal(created.name, `organizations/${id}`);
    assert.equal(created.etag, '"1"');
    assert.deepEqual(await client.get(id), created);
  });

  test("is told that nothing changed", async () => {
    assert.equal(await client.isUnchanged(id), true);
  });

  test("is told of a name that is taken and of one that is not there", async () => {
    const taken = await refusal(client.create(id, { legalName: "Again", kind: "LOCAL" }));
    assert.equal(taken.code, "ALREADY_EXISTS");
    assert.equal(taken.reason, "RESOURCE_EXISTS");
    const missing = await refusal(client.get("nobody-is-here"));
    assert.equal(missing.code, "NOT_FOUND");
    assert.equal(missing.reason, "RESOURCE_NOT_FOUND");
  });

  test("is told every wrong field at once", async () => {
    const wrong = await refusal(client.create("", { legalName: "", kind: "LOCAL", website: "nonsense" }));
    assert.equal(wrong.code, "INVALID_ARGUMENT");
    assert.deepEqual(wrong.fields.sort(), ["organization.legalName", "organization.website"]);
  });

  test("repeats a create harmlessly, and only the same one", async () => {
    const key = randomUUID();
    const [, second = ""] = ids;
    const first = await client.create(second, { legalName: `Second ${second}`, kind: "LOCAL" }, key);
    assert.deepEqual(await client.create(second, { legalName: `Second ${second}`, kind: "LOCAL" }, key), first);
    const other = await refusal(client.create(second, { legalName: "Other", kind: "LOCAL" }, key));
    assert.equal(other.reason, "IDEMPOTENCY_KEY_REUSED");
  });

  test("walks the pages of a filtered list", async () => {
    const group = `journey group ${randomUUID()}`;
    for (const each of [id, ids[1] ?? ""]) {
      await client.updateNote(each, group, (await client.get(each)).etag);
    }
    await client.create(ids[2] ?? "", { legalName: `Third ${ids[2]}`, kind: "DONOR" });
    const found: string[] = [];
    let pageToken = "";
    let pages = 0;
    do {
      const page = await client.list(`networkNote = "${group}"`, 1, pageToken);
      found.push(...page.names);
      pageToken = page.nextPageToken;
      assert.ok(++pages < 10, "the list does not end");
    } while (pageToken !== "");
    assert.deepEqual(found.sort(), [`organizations/${id}`, `organizations/${ids[1]}`].sort());
  });

  test("updates what it read, and loses a race", async () => {
    const before = await client.get(id);
    const after = await client.updateNote(id, "First", before.etag);
    assert.equal(after.networkNote, "First");
    assert.notEqual(after.etag, before.etag);
    const lost = await refusal(client.updateNote(id, "Second", before.etag));
    assert.equal(lost.code, "ABORTED");
    assert.equal(lost.reason, "ETAG_MISMATCH");
    assert.deepEqual(await client.get(id), after);
  });

  test("deletes and takes back", async () => {
    const filter = `legalName = "Фондация Път" AND networkNote = "First"`;
    const found = async () => (await client.list(filter, 50, "")).names.includes(`organizations/${id}`);
    assert.equal(await found(), true);
    assert.equal((await client.remove(id)).deleted, true);
    assert.equal(await found(), false);
    assert.equal((await client.restore(id)).deleted, false);
    assert.equal(await found(), true);
  });
}
