// The README's client: types from /openapi.json by openapi-typescript, calls by openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "../generated/openapi.js";

const baseUrl = process.env["MOSTOVE_URL"] ?? "http://127.0.0.1:8080";
const mostove = createClient<paths>({ baseUrl });

const { data, error } = await mostove.GET("/v1/organizations", {
  params: { query: { filter: "kind = LOCAL AND seat.countryCode = BG", pageSize: 3 } },
});
if (error) throw new Error(`${error.reason}: ${error.detail}`);
for (const organization of data.organizations ?? []) {
  console.log(organization.name, organization.legalName);
}
