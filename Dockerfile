# syntax=docker/dockerfile:1
FROM node:20-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev
# ONNX Runtime contains binaries for five systems, 300 MB. Keep the one of this system.
RUN cd node_modules/onnxruntime-node/bin/napi-v6 && rm -rf darwin win32 && cd linux && \
    ls | grep -vx "$(node -p process.arch)" | xargs rm -rf

FROM node:20-bookworm-slim
ENV NODE_ENV=production LOG_DIR=/logs STATE_DIR=/state OUTPUT_DIR=/outputs
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/config ./config
COPY --from=build /app/models ./models
RUN install -d -o 1000 -g 1000 /logs /state /outputs
USER 1000:1000
VOLUME ["/logs", "/state", "/outputs"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_PORT||8000}/health/live`).then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["run", "--interval", "3600"]
