package import HTTPFront
package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import NIOCore
import SaleCore
package import SaleService

/// Decides who may ask what of the admin port, in this order and before path and body are looked
/// at: host, site, token, role.
package struct OperatorGate: Sendable {
    package struct Configuration: Sendable {
        /// Those of this moment; `nil` when no file names any.
        package var operators: @Sendable () -> OperatorList?
        package var hosts: AdminHosts
        /// The port is bound to this machine's own address: without a file, whoever is on it may
        /// read.
        package var isLoopback: Bool
        /// How a proxy names the operator whom it has signed in; `nil` believes nobody.
        package var proxyHeader: HTTPField.Name?
        package var proxies: TrustedProxies?

        package init(
            operators: @escaping @Sendable () -> OperatorList?, hosts: AdminHosts, isLoopback: Bool, proxyHeader: String? = nil,
            proxies: TrustedProxies? = nil
        ) {
            self.operators = operators
            self.hosts = hosts
            self.isLoopback = isLoopback
            self.proxyHeader = proxyHeader.flatMap { HTTPField.Name($0) }
            self.proxies = proxies
        }
    }

    private let configuration: Configuration
    private let failedTokens = FailedTokens()

    /// Who reads where no file names operators.
    static let anonymous = Operator(name: "anonymous", role: .viewer)

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Somebody may be let in without a token: whoever is on the machine, or whom a proxy names.
    var admitsReadersWithoutToken: Bool {
        admitsAnonymousReaders || configuration.proxyHeader != nil && configuration.proxies != nil
    }

    private var admitsAnonymousReaders: Bool { configuration.isLoopback && configuration.operators()?.admitsReadersWithoutToken ?? true }

    /// Names the operator in `context`, if the path wants one.
    package func admit(_ request: Request, _ context: inout FrontContext) throws {
        let path = request.uri.path
        // Whoever asks whether the node lives may have reached it by any name.
        if path == "/livez" || path == "/readyz" { return }
        try requireHost(request, context)
        guard path.hasPrefix("/admin/"), path != OperatorDocument.path else { return }
        try requireSite(request)
        let asker = try asker(request, context)
        let isWrite = !Self.safeMethods.contains(request.method)
        guard asker.role >= (isWrite ? .operator : .viewer) else {
            throw Problem(.forbidden, detail: "\(asker.name) is a \(asker.role.rawValue), who changes nothing.")
        }
        context.caller = asker
    }

    /// Whether somebody who was let in would be so now.
    package func knows(_ caller: Operator) -> Bool {
        if caller == Self.anonymous { return admitsAnonymousReaders }
        return configuration.operators()?.named(caller.name) != nil
    }

    /// Whether a proxy asks that names requests.
    package func believesName(_ context: FrontContext) -> Bool {
        guard let peer = context.channel.remoteAddress?.ipAddress else { return false }
        return configuration.proxies?.contains(peer) == true
    }

    private static let safeMethods: Set<HTTPRequest.Method> = [.get, .head, .options]

    private func requireHost(_ request: Request, _ context: FrontContext) throws(Problem) {
        guard let authority = request.head.authority, !request.headers.contains(.host),
            configuration.hosts.contain(authority, local: context.channel.localAddress)
        else { throw Problem(.misdirectedRequest) }
    }

    /// As browsers tell it: `Sec-Fetch-Site`, which no page can set, else `Origin`. Who sends
    /// neither is no browser.
    private func requireSite(_ request: Request) throws(Problem) {
        let sites = request.headers[values: .secFetchSite]
        if sites.isEmpty {
            let origins = request.headers[values: .origin]
            guard origins.allSatisfy({ $0.isOrigin(of: request.head.authority ?? "") }) else { throw Self.otherSite }
        } else {
            guard sites.allSatisfy({ $0 == "same-origin" || $0 == "none" }) else { throw Self.otherSite }
        }
    }

    private static let otherSite = Problem(.forbidden, detail: "The request comes from a page of another site.")

    // MARK: Who asks

    private func asker(_ request: Request, _ context: FrontContext) throws(Problem) -> Operator {
        let values = request.headers[values: .authorization]
        guard values.isEmpty else { return try holder(ofTokenIn: values, request, context) }
        if let name = try proxyUser(request, context) {
            guard let named = configuration.operators()?.named(name) else { throw Self.unauthenticated("This user is no operator.", error: nil) }
            return named
        }
        guard admitsAnonymousReaders, Self.safeMethods.contains(request.method) else {
            throw Self.unauthenticated("The request does not say who is asking.", error: nil)
        }
        return Self.anonymous
    }

    private func holder(ofTokenIn values: [String], _ request: Request, _ context: FrontContext) throws(Problem) -> Operator {
        let token: String?
        do { token = try Credentials.bearerToken(in: values) } catch { token = nil }
        if let token, let holder = configuration.operators()?.holder(ofToken: token) { return holder }
        if let seconds = failedTokens.count(address(request, context), at: monotonicNow()) {
            throw Problem(
                "tokens", exhausted: FailedTokens.perMinuteMax, windowSeconds: 60, resetSeconds: seconds,
                detail: "Too many wrong tokens came from this address.")
        }
        throw Self.unauthenticated(
            token == nil ? "The request says in more than one way, or in no known way, who is asking." : "The token is no operator's.",
            error: token == nil ? "invalid_request" : "invalid_token")
    }

    /// Whom a trusted proxy has signed in.
    private func proxyUser(_ request: Request, _ context: FrontContext) throws(Problem) -> String? {
        guard let header = configuration.proxyHeader, let peer = context.channel.remoteAddress?.ipAddress,
            configuration.proxies?.contains(peer) == true
        else { return nil }
        let names = request.headers[values: header]
        guard names.count <= 1 else { throw Self.unauthenticated("The proxy names more than one user.", error: "invalid_request") }
        return names.first
    }

    private func address(_ request: Request, _ context: FrontContext) -> String {
        let peer = context.channel.remoteAddress?.ipAddress ?? ""
        guard let proxies = configuration.proxies, proxies.contains(peer) else { return peer }
        return proxies.client(behind: peer, forwardedFor: request.headers[values: .forwardedFor])
    }

    private static func unauthenticated(_ detail: String, error: String?) -> Problem {
        var problem = Problem(.unauthenticated, detail: detail)
        problem.challenge = "Bearer realm=\"seckill-admin\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return problem
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    fileprivate static let host = HTTPField.Name("Host")!
}

extension String {
    /// `scheme://authority`, for a page of `authority` itself; the scheme may be a proxy's.
    fileprivate func isOrigin(of authority: String) -> Bool {
        guard let range = firstRange(of: "://") else { return false }
        return self[range.upperBound...].lowercased() == authority.lowercased()
    }
}
