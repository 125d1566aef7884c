// openapi-typescript with openapi-fetch.
import createClient from "openapi-fetch";
import type { components, paths } from "../generated/openapi.js";
import { type Client, journey, type Organization, proof, Refused } from "./journey.js";

type Schemas = components["schemas"];

const api = createClient<paths>({ baseUrl: process.env["MOSTOVE_URL"] ?? "", headers: proof });

function must<Data>(answer: { data?: Data; error?: Schemas["Problem"] }): Data {
  if (answer.data !== undefined) return answer.data;
  const problem = answer.error;
  if (problem === undefined) throw new Error("neither data nor a problem");
  throw new Refused(problem.code, problem.reason, problem.fieldViolations?.map(({ field }) => field) ?? []);
}

function organization(data: Schemas["Organization"]): Organization {
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
    const params = {
      query: id === "" ? {} : { organizationId: id },
      header: idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey },
    };
    return organization(must(await api.POST("/v1/organizations", { params, body: draft })));
  },
  async get(id) {
    const params = { path: { organization: id } };
    return organization(must(await api.GET("/v1/organizations/{organization}", { params })));
  },
  async isUnchanged(id) {
    const first = await api.GET("/v1/organizations/{organization}", { params: { path: { organization: id } } });
    const params = {
      path: { organization: id },
      header: { "If-None-Match": first.response.headers.get("ETag") ?? "" },
    };
    return (await api.GET("/v1/organizations/{organization}", { params })).response.status === 304;
  },
  async list(filter, pageSize, pageToken) {
    const params = { query: { filter, pageSize, pageToken } };
    const page = must(await api.GET("/v1/organizations", { params }));
    return {
      names: (page.organizations ?? []).map(({ name }) => name ?? ""),
      nextPageToken: page.nextPageToken ?? "",
    };
  },
  async updateNote(id, note, etag) {
    const params = { path: { organization: id }, header: { "If-Match": etag } };
    const body = { networkNote: note };
    return organization(must(await api.PATCH("/v1/organizations/{organization}", { params, body })));
  },
  async remove(id) {
    const params = { path: { organization: id } };
    return organization(must(await api.DELETE("/v1/organizations/{organization}", { params })));
  },
  async restore(id) {
    const params = { path: { organization: id } };
    return organization(must(await api.POST("/v1/organizations/{organization}:undelete", { params })));
  },
};

journey(client);
