// Starts Swagger's user interface.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const verbs = ["get", "post", "put", "patch", "delete"];
  const order = (one) => [one.getIn(["operation", "x-nested"]) ? 1 : 0, one.get("path").split("/").length,
    one.get("path"), verbs.indexOf(one.get("method"))];
  // Swagger puts a link into each button that opens an operation, which keyboards and screen readers cannot use. The
  // button itself changes the address, too.
  const plain = ({ React }) => ({
    wrapComponents: { DeepLink: () => ({ text }) => React.createElement("span", { className: "nostyle" }, text) },
  });
  SwaggerUIBundle({
    plugins: [plain],
    url: "doc.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    filter: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 3,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    validatorUrl: null,
    operationsSorter: (a, b) => {
      const x = order(a);
      const y = order(b);
      const at = x.findIndex((value, i) => value !== y[i]);
      return at < 0 ? 0 : x[at] < y[at] ? -1 : 1;
    },
  });
});
