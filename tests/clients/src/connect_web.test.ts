// Stock connect-web over Connect's protocol, with JSON and with protobuf.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import {
  type Organization as Message,
  Organization_OrganizationKind,
  OrganizationSchema,
} from "../generated/connect/mostove/organizations/v1/organization_pb.js";
import { OrganizationsService } from "../generated/connect/mostove/organizations/v1/organizations_service_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../generated/connect/google/rpc/error_details_pb.js";
import { type Client, journey, type Organization, proof, Refused } from "./journey.js";

const baseUrl = process.env["MOSTOVE_URL"] ?? "";

function organization(message: Message): Organization {
  return {
    name: message.name,
    etag: message.etag,
    legalName: message.legalName,
    networkNote: message.networkNote,
    deleted: message.deleteTime !== undefined,
  };
}

const camelCase = (path: string) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

async function must<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    const { code, message } = ConnectError.from(error);
    const found = ConnectError.from(error);
    const reason = found.findDetails(ErrorInfoSchema)[0]?.reason;
    if (reason === undefined) throw new Error(`${Code[code]} without a reason: ${message}`);
    const fields = found.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
    // Code.InvalidArgument -> INVALID_ARGUMENT
    const name = (Code[code] ?? "").replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase();
    throw new Refused(name, reason, fields.map(({ field }) => camelCase(field)));
  }
}

const prove: Interceptor = (next) => (request) => {
  for (const [name, value] of Object.entries(proof)) request.header.set(name, value);
  return next(request);
};

function clientOf(useBinaryFormat: boolean): Client {
  const transport = createConnectTransport({ baseUrl, useBinaryFormat, useHttpGet: true, interceptors: [prove] });
  const api = createClient(OrganizationsService, transport);
  const nameOf = (id: string) => `organizations/${id}`;
  return {
    async create(id, draft, idempotencyKey) {
      const kind = Organization_OrganizationKind[draft.kind];
      const request = { organizationId: id, organization: create(OrganizationSchema, { ...draft, kind }) };
      const headers: HeadersInit = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
      return organization(await must(api.createOrganization(request, { headers })));
    },
    async get(id) {
      return organization(await must(api.getOrganization({ name: nameOf(id) })));
    },
    // Browsers answer 304 from their cache before the client sees it; so a plain fetch, of a URL as
    // the client makes it.
    async isUnchanged(id) {
      const url = new URL(`${baseUrl}/${OrganizationsService.typeName}/GetOrganization`);
      url.search = new URLSearchParams({
        connect: "v1",
        encoding: "json",
        message: JSON.stringify({ name: nameOf(id) }),
      }).toString();
      const etag = (await fetch(url, { headers: proof })).headers.get("ETag") ?? "";
      return (await fetch(url, { headers: { ...proof, "If-None-Match": etag } })).status === 304;
    },
    async list(filter, pageSize, pageToken) {
      const page = await must(api.listOrganizations({ filter, pageSize, pageToken }));
      return { names: page.organizations.map(({ name }) => name), nextPageToken: page.nextPageToken };
    },
    async updateNote(id, networkNote, etag) {
      const changed = { name: nameOf(id), networkNote, etag };
      return organization(await must(api.updateOrganization({ organization: changed })));
    },
    async remove(id) {
      return organization(await must(api.deleteOrganization({ name: nameOf(id) })));
    },
    async restore(id) {
      return organization(await must(api.undeleteOrganization({ name: nameOf(id) })));
    },
  };
}

describe("with JSON", () => journey(clientOf(false)));
describe("with protobuf", () => journey(clientOf(true)));

test("a deadline that passed and a method that is not there have their codes", async () => {
  const api = createClient(OrganizationsService, createConnectTransport({ baseUrl, interceptors: [prove] }));
  const late = await fetch(`${baseUrl}/${OrganizationsService.typeName}/GetOrganization`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Connect-Timeout-Ms": "0" },
    body: "{}",
  });
  assert.equal(late.status, 504);
  assert.equal(((await late.json()) as { code: string }).code, "deadline_exceeded");
  const unknown = await fetch(`${baseUrl}/${OrganizationsService.typeName}/Nothing`, { method: "POST" });
  assert.equal(unknown.status, 404);
  assert.equal(((await unknown.json()) as { code: string }).code, "unimplemented");
  const { organizations } = await api.listOrganizations({ pageSize: 1 });
  assert.equal(organizations.length, 1);
});
