/** A certificate authority that lives as long as one run and is trusted inside its sandbox only. */
import { createHash, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface Authority {
  /** PEM of the authority's own certificate. */
  certificate: string;
  /** What a server needs to speak as `host`. */
  contextFor(host: string): Promise<SecureContext>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Milliseconds. No run lasts longer; a clock may be an hour behind. */
const [before, after] = [3_600_000, 7 * 86_400_000];

/** Takes some fifty milliseconds, most of them for loading the library: only runs that need it make one. */
export async function createAuthority(): Promise<Authority> {
  const [pkijs, asn1] = await Promise.all([import('pkijs'), import('asn1js')]);
  const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [own, servers] = await Promise.all([keys(), keys()]);
  const privatePem = pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', servers.privateKey));
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });

  const name = (text: string) =>
    new pkijs.RelativeDistinguishedNames({
      typesAndValues: [
        new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1.Utf8String({ value: text }) }),
      ],
    });
  const extension = (extnID: string, critical: boolean, value: { toBER(): ArrayBuffer }) =>
    new pkijs.Extension({ extnID, critical, extnValue: value.toBER(), parsedValue: value });
  const issuer = name('Nightshift, for one run');

  const issue = async (
    subject: typeof issuer,
    key: webcrypto.CryptoKey,
    extensions: InstanceType<typeof pkijs.Extension>[],
  ) => {
    const certificate = new pkijs.Certificate({ version: 2, issuer, subject, extensions });
    const serial = webcrypto.getRandomValues(new Uint8Array(16));
    serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
    certificate.serialNumber = new asn1.Integer({ valueHex: serial.buffer });
    const now = Date.now();
    certificate.notBefore.value = new Date(now - before);
    certificate.notAfter.value = new Date(now + after);
    await certificate.subjectPublicKeyInfo.importKey(key, engine);
    await certificate.sign(own.privateKey, 'SHA-256', engine);
    return pem('CERTIFICATE', certificate.toSchema(true).toBER());
  };

  const raw = Buffer.from(await webcrypto.subtle.exportKey('raw', own.publicKey));
  const keyId = new asn1.OctetString({ valueHex: new Uint8Array(createHash('sha1').update(raw).digest()).buffer });
  const signedBy = new pkijs.AuthorityKeyIdentifier({ keyIdentifier: keyId });
  const usage = (bits: number) => new asn1.BitString({ valueHex: new Uint8Array([bits]).buffer });
  const certificate = await issue(issuer, own.publicKey, [
    extension('2.5.29.19', true, new pkijs.BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema()),
    extension('2.5.29.15', true, usage(0x06)), // keyCertSign, cRLSign
    extension('2.5.29.14', false, keyId),
  ]);
  const known = new Map<string, Promise<SecureContext>>();
  const make = async (host: string): Promise<SecureContext> => {
    const names = new pkijs.GeneralNames({ names: [new pkijs.GeneralName({ type: 2, value: host })] });
    const serverAuth = new pkijs.ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.1'] });
    const cert = await issue(name(host.slice(0, 64)), servers.publicKey, [
      extension('2.5.29.19', true, new pkijs.BasicConstraints({ cA: false }).toSchema()),
      extension('2.5.29.15', true, usage(0x80)), // digitalSignature
      extension('2.5.29.37', false, serverAuth.toSchema()),
      extension('2.5.29.35', false, signedBy.toSchema()),
      extension('2.5.29.17', false, names.toSchema()),
    ]);
    return createSecureContext({ key: privatePem, cert: cert + certificate, minVersion: 'TLSv1.2' });
  };
  return {
    certificate,
    contextFor(host) {
      const made = known.get(host) ?? make(host);
      known.set(host, made);
      return made;
    },
  };
}

function pem(kind: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`;
}
