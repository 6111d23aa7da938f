FROM node:22-slim AS build
WORKDIR /millrace
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
WORKDIR /millrace
ENV NODE_ENV=production
COPY --from=build /millrace/package.json ./
COPY --from=build /millrace/node_modules node_modules
COPY --from=build /millrace/dist dist
COPY --from=build /millrace/pipelines pipelines
COPY --from=build /millrace/alerts alerts
COPY --from=build /millrace/security security
USER 1000
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["run", "dist/workers/application.js"]
