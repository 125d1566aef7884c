// @hey-api/openapi-ts with its fetch client.
import { client as http } from "../generated/hey/client.gen.js";
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  undeleteOrganization,
  updateOrganization,
} from "../generated/hey/sdk.gen.js";
import type { Organization as Answer, Problem } from "../generated/hey/types.gen.js";
import { type Client, journey, type Organization, proof, Refused } from "./journey.js";

http.setConfig({ baseUrl: process.env["MOSTOVE_URL"] ?? "", headers: proof });

function must<Data>(answer: { data?: Data; error?: unknown }): Data {
  if (answer.data !== undefined) return answer.data;
  const problem = answer.error as Problem;
  throw new Refused(problem.code, problem.reason, problem.fieldViolations?.map(({ field }) => field) ?? []);
}

function organization(data: Answer): Organization {
  return {
    name: data.name ?? "",
    etag: data.etag ?? "",
    legalName: data.legalName,
    networkNote: data.networkNote ?? "",
    deleted: data.deleteTime !== undefined,
  };
}

const client: Client = {
  async create(id, draft, idempotencyKey) {
    const query = id === "" ? {} : { organizationId: id };
    const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
    return organization(must(await createOrganization({ query, headers, body: draft })));
  },
  async get(id) {
    return organization(must(await getOrganization({ path: { organization: id } })));
  },
  async isUnchanged(id) {
    const path = { organization: id };
    const first = await getOrganization({ path });
    const headers = { "If-None-Match": first.response?.headers.get("ETag") ?? "" };
    return (await getOrganization({ path, headers })).response?.status === 304;
  },
  async list(filter, pageSize, pageToken) {
    const page = must(await listOrganizations({ query: { filter, pageSize, pageToken } }));
    return {
      names: (page.organizations ?? []).map(({ name }) => name ?? ""),
      nextPageToken: page.nextPageToken ?? "",
    };
  },
  async updateNote(id, note, etag) {
    const path = { organization: id };
    const headers = { "If-Match": etag };
    return organization(must(await updateOrganization({ path, headers, body: { networkNote: note } })));
  },
  async remove(id) {
    return organization(must(await deleteOrganization({ path: { organization: id } })));
  },
  async restore(id) {
    return organization(must(await undeleteOrganization({ path: { organization: id } })));
  },
};

journey(client);
