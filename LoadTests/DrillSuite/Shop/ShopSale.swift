import FaultSuite
import Foundation
import LoadSupport

/// One drill's own sale in the shop.
struct ShopSale: Market {
    let shop: Shop
    let saleName: String

    /// - Parameter name: no other sale of the shop has it.
    static func open(_ name: String, stock: Int, in shop: Shop) async throws -> ShopSale {
        var plan = SalePlan(stock: stock)
        plan.name = name
        // A node that an earlier drill has killed counts for a while as one that does not obey.
        let outcome = try await shop.seckill(["sale", "apply", "-f", "-", "--wait", "0s"], input: plan.yaml())
        guard outcome.status == 0 else { throw SetupFailure("sale apply: \(outcome.messages)") }
        let sale = ShopSale(shop: shop, saleName: name)
        // Nodes hear of it by their next look.
        let isKnown = try await eventually(within: .seconds(10)) {
            for node in shop.nodes {
                guard try await node.get("/v1/sales/\(name)").status == 200, try await node.hasProvenAll() else { return false }
            }
            return true
        }
        guard isKnown else { throw SetupFailure("the nodes do not know \(name)") }
        return sale
    }

    var isBehindEdge: Bool { true }
    var doors: [Door] { [Door(base: shop.base, credentials: Shop.credentials)] }

    func audit() async throws -> AuditReading {
        AuditReading.decode(try await shop.seckill(["audit", "--sale", saleName, "-o", "json"]))
    }

    func query(_ sql: String, variables: [String: String]) async throws -> [[String]] {
        guard let primary = await shop.postgresPrimary() else { throw SetupFailure("no Postgres is the primary") }
        return try await primary.query(sql, variables: variables)
    }
}
