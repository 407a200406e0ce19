import HTTPFront
import HTTPTypes
import Hummingbird
import SaleCore
import SaleService

/// Sales as operators see and change them.
struct OperatorSaleRoutes {
    private struct Sales: Encodable {
        var sales: [OperatorSale]
    }

    private struct Me: Encodable {
        var name: String
        var role: String
    }

    private let dependencies: OperatorRoutes.Dependencies

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable static func me(_ request: Request, _ context: FrontContext) throws -> Response {
        let caller = try context.requireCaller()
        return try .json(Me(name: caller.name, role: caller.role.rawValue))
    }

    @Sendable func list(_ request: Request, _ context: FrontContext) async throws -> Response {
        let now = dependencies.now()
        let sales = try await OperatorProblem.translating { try await dependencies.sales.sales() }
        return try .json(Sales(sales: sales.map { OperatorSale($0, now: now) }))
    }

    @Sendable func show(_ request: Request, _ context: FrontContext) async throws -> Response {
        let reading = try await reading(of: try context.sale())
        return try .json(OperatorSale(reading, now: dependencies.now()), entityTag: reading.sale.entityTag)
    }

    func reading(of sale: SaleID) async throws -> SaleReading {
        try await OperatorProblem.translating { try await dependencies.sales.sale(sale) }
    }
}

extension FrontContext {
    /// Whom the gate let in.
    func requireCaller() throws(Problem) -> Operator {
        guard let caller else { throw Problem(.unauthenticated) }
        return caller
    }

    /// The sale that the path names.
    func sale() throws(Problem) -> SaleID {
        guard let id = parameters.get("sale").flatMap({ SaleID(stored: $0) }) else { throw Problem(.unknownSale) }
        return id
    }

    /// The item that the path names.
    func sku() throws(Problem) -> SKU {
        guard let sku = parameters.get("sku").flatMap({ SKU(stored: $0) }) else { throw Problem(.unknownSKU) }
        return sku
    }
}

extension Sale {
    /// Strong (RFC 9110, section 8.8.1) as to everything that operators change: each change makes
    /// another version. Units that move meanwhile are no change.
    var entityTag: String { "\"\(version)\"" }
}
