# Builds from source; what runs has no compiler, no package manager and no shell.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build
# Types and source maps serve those who embed the package, not those who run the service.
RUN find dist -name '*.d.ts' -delete -o -name '*.map' -delete

FROM node:22-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# Node.js and the C library, nothing else.
FROM gcr.io/distroless/nodejs22-debian12:nonroot
WORKDIR /brazier
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist/src ./dist/src
COPY --from=build /build/dist/vendor ./dist/vendor
COPY package.json LICENSE ./
COPY openapi ./openapi
COPY examples ./examples
# By number, so that Kubernetes can see that it is not root.
USER 65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/nodejs/bin/node", "dist/src/main.js", "health"]
# The image's entry point is node.
CMD ["dist/src/main.js", "serve"]
