import type { Event } from '@fenxiao/contracts/event';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * OpenTelemetry: a span per request and per event handled, W3C trace context in and out, carried with every event, so
 * that one trace leads from a click to the dashboard. Without an endpoint nothing is recorded, but the context is
 * still made and carried.
 */
export class Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #spans = new WeakMap<object, Span>();

  private constructor(provider: TracerProvider) {
    this.#provider = provider;
    this.#tracer = provider.getTracer('fenxiao');
  }

  /** @param endpoint where spans are sent (OTLP over HTTP); absent: nowhere */
  static async start(service: string, endpoint: string | undefined): Promise<Tracing> {
    const resource = resourceFromAttributes({ 'service.name': `fenxiao-${service}` });
    if (endpoint === undefined) return new Tracing(new TracerProvider({ resource, sampler: new AlwaysOffSampler() }));
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
    const sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
    return new Tracing(
      new TracerProvider({ resource, sampler, spanProcessors: [new BatchSpanProcessor({ exporter })] }),
    );
  }

  /** A span for every request, from its arrival to its answer. */
  follow(server: FastifyInstance): void {
    server.addHook('onRequest', (request, _reply, done) => {
      const parent = this.#propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
      const name = `${request.method} ${request.routeOptions.url ?? ''}`;
      this.#spans.set(
        request,
        this.#tracer.startSpan(
          name,
          { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method } },
          parent,
        ),
      );
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      const span = this.#spans.get(request);
      span?.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      done();
    });
  }

  /** The request's trace context, to go with the events it causes. */
  of(request: FastifyRequest): string | undefined {
    const span = this.#spans.get(request);
    return span && this.#header(span);
  }

  /** Runs the handlers of an event in a span that continues the event's trace. */
  async handling(event: Event, run: (traceparent: string | undefined) => Promise<void>): Promise<void> {
    const parent = this.#propagator.extract(ROOT_CONTEXT, { traceparent: event.traceparent }, defaultTextMapGetter);
    const span = this.#tracer.startSpan(
      `handle ${event.type}`,
      { kind: SpanKind.CONSUMER, attributes: { 'cloudevents.event_id': event.id } },
      parent,
    );
    try {
      await run(this.#header(span));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }

  #header(span: Span): string | undefined {
    const carrier: { traceparent?: string } = {};
    this.#propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
    return carrier.traceparent;
  }
}
