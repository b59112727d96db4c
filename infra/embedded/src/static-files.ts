import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

const security = {
  'content-security-policy': [
    "default-src 'self'",
    // Charts and Swagger-like widgets set styles on elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/**
 * Answers with the file of the request's path below `root`. A path that names no file gets `index.html`, in which the
 * viewer finds the rest itself, unless it looks like a file. Files with a hash in their name may be kept for a year, all
 * others are asked for again each time.
 *
 * @throws when there is no such file
 */
export async function serveFile(root: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname } = new URL(req.url ?? '/', 'http://gateway');
  const wanted = join(root, normalize(decodeURIComponent(pathname)));
  const inside = wanted.startsWith(join(root, sep)) && !pathname.includes('/.') && !pathname.includes('\0');
  const file = (inside && (await find(wanted))) || (extname(pathname) === '' && (await find(join(root, 'index.html'))));
  if (!file && (await find(join(root, 'index.html'))) === undefined && extname(pathname) === '') return notBuilt(res);
  if (!file) throw new Error('no such file');

  const tag = `W/"${file.size.toString(36)}-${Math.round(file.mtimeMs).toString(36)}"`;
  const forEver = /[.-][\w-]{8,}\.\w+$/.test(file.path) && pathname.startsWith('/assets/');
  const headers = {
    ...security,
    etag: tag,
    'cache-control': forEver ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-type': types[extname(file.path)] ?? 'application/octet-stream',
  };
  if (req.headers['if-none-match'] === tag) return void res.writeHead(304, headers).end();
  res.writeHead(200, { ...headers, 'content-length': file.size });
  if (req.method === 'HEAD') return void res.end();
  await pipeline(createReadStream(file.path), res).catch(() => res.destroy());
}

async function find(path: string) {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() ? { path, size: info.size, mtimeMs: info.mtimeMs } : undefined;
}

function notBuilt(res: ServerResponse): void {
  res.writeHead(404, { ...security, 'content-type': 'text/html; charset=utf-8' });
  res.end(
    '<!doctype html><title>Fenxiao</title><p>The viewer is not built: npm run build. The API: <a href="/docs">/docs</a></p>',
  );
}
