/** A bucket of an S3-compatible store, and how it is reached. */
export interface S3Settings {
  readonly endpoint: URL;
  readonly region: string;
  readonly bucket: string;
  /** What the names of our objects begin with; empty, or ending in a slash. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const onThisMachine = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads s3://bucket/prefix?endpoint=https://…&region=…. Without an endpoint it is Amazon's of the region.
 * Throws RangeError with one sentence for the operator.
 */
export function readS3Settings(text: string, accessKeyId: string | undefined, secretAccessKey: string | undefined): S3Settings {
  const parts = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?(?:\?(.*))?$/.exec(text);
  if (!parts) throw new RangeError('write s3://bucket/prefix?endpoint=https://…&region=…');
  const params = new URLSearchParams(parts[3] ?? '');
  const stray = [...params.keys()].find((key) => key !== 'endpoint' && key !== 'region');
  if (stray !== undefined) throw new RangeError(`"${stray}" is no part of it; there are endpoint and region`);
  const region = params.get('region') ?? (params.has('endpoint') ? 'us-east-1' : '');
  if (!/^[a-z0-9-]+$/.test(region)) throw new RangeError('name the region, such as region=eu-north-1');
  const endpoint = URL.parse(params.get('endpoint') ?? `https://s3.${region}.amazonaws.com`);
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) throw new RangeError('the endpoint must be an address such as https://s3.example.dk');
  if (endpoint.protocol === 'http:' && !onThisMachine.test(endpoint.hostname))
    throw new RangeError('the endpoint must be https, unless it is on this machine: documents are confidential');
  if (!accessKeyId || !secretAccessKey) throw new RangeError('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are required with it');
  const prefix = (parts[2] ?? '').replace(/^\/+|\/+$/g, '');
  return { endpoint, region, bucket: parts[1] as string, prefix: prefix && `${prefix}/`, accessKeyId, secretAccessKey };
}
