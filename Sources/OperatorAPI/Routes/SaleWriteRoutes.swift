import HTTPFront
import HTTPTypes
import Hummingbird
import SaleCore
import SaleService

/// What operators change of sales and their stock.
struct SaleWriteRoutes {
    private let dependencies: OperatorRoutes.Dependencies

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func apply(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (sale, write) = (try context.saleToBe(), try await WriteRequest(request, context, parameters: ["dry_run", "stock"]))
        let stock = try Query(request, ["dry_run", "stock"]).choice("stock", ["keep": StockPolicy.keep, "set": .set]) ?? .keep
        let expected = try SalePrecondition(request, isRequired: true, mayCreate: true)
        let (definition, reason) = try SaleBody.read(write.body, of: sale)
        return try await answer(write, of: sale, created: expected == .absent) {
            try await dependencies.sales.apply(
                definition, stock: stock, if: expected, dryRun: write.isDryRun, by: write.attribution.because(reason))
        }
    }

    @Sendable func pause(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await setStatus(.paused, request, context)
    }

    @Sendable func resume(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await setStatus(.open, request, context)
    }

    /// For good: the body names the sale once more.
    @Sendable func close(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await setStatus(.closed, request, context)
    }

    private func setStatus(_ status: SaleStatus, _ request: Request, _ context: FrontContext) async throws -> Response {
        let (sale, write) = (try context.sale(), try await WriteRequest(request, context))
        let expected = try SalePrecondition(request, isRequired: false)
        let reason = try ReasonBody.read(write.body, confirmation: status == .closed ? sale.rawValue : nil)
        return try await answer(write, of: sale) {
            SaleDifference(
                changes: try await dependencies.sales.setStatus(
                    status, of: sale, if: expected, dryRun: write.isDryRun, by: write.attribution.because(reason)))
        }
    }

    @Sendable func addStock(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (sale, sku, write) = (try context.sale(), try context.sku(), try await WriteRequest(request, context))
        let expected = try SalePrecondition(request, isRequired: false)
        let (units, reason) = try ReasonBody.readStock(write.body)
        return try await answer(write, of: sale) {
            SaleDifference(
                changes: try await dependencies.sales.addStock(
                    units, of: sku, in: sale, if: expected, dryRun: write.isDryRun, by: write.attribution.because(reason)))
        }
    }

    /// The sale's own fields.
    @Sendable func set(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (sale, write) = (try context.sale(), try await WriteRequest(request, context))
        let expected = try SalePrecondition(request, isRequired: true)
        let (settings, reason) = try SaleSettingsBody.read(write.body)
        return try await answer(write, of: sale) {
            SaleDifference(
                changes: try await dependencies.sales.set(
                    settings, of: sale, if: expected, dryRun: write.isDryRun, by: write.attribution.because(reason)))
        }
    }

    @Sendable func setItem(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (sale, sku, write) = (try context.sale(), try context.sku(), try await WriteRequest(request, context))
        let expected = try SalePrecondition(request, isRequired: false)
        let (settings, reason) = try ItemSettingsBody.read(write.body)
        return try await answer(write, of: sale) {
            SaleDifference(
                changes: try await dependencies.sales.set(
                    settings, of: sku, in: sale, if: expected, dryRun: write.isDryRun, by: write.attribution.because(reason)))
        }
    }

    /// Makes a change and tells what came of it, once the nodes obey.
    private func answer(
        _ write: WriteRequest, of sale: SaleID, created: Bool = false, _ change: () async throws -> SaleDifference
    ) async throws -> Response {
        try await OperatorProblem.translating {
            try await Repetitions(requests: dependencies.requests).once(write) {
                try await answer(write, of: sale, created: created, difference: SaleDifference())
            } _: {
                try await answer(write, of: sale, created: created, difference: try await change())
            }
        }
    }

    private func answer(_ write: WriteRequest, of sale: SaleID, created: Bool, difference: SaleDifference) async throws -> WrittenAnswer {
        var answer = SaleAnswer(changes: difference.changes.flatMap(ChangeRow.rows), left: difference.stockLeft.map(StockLeftRow.init))
        answer.isDryRun = write.isDryRun
        if write.isDryRun, created { return try WrittenAnswer(answer) }
        let reading = try await dependencies.sales.sale(sale)
        answer.sale = OperatorSale(reading, now: dependencies.now())
        if !write.isDryRun { answer.obedience = await dependencies.obedience(reading.sale) }
        return try WrittenAnswer(answer, status: created && !write.isDryRun ? .created : .ok, entityTag: reading.sale.entityTag)
    }
}

extension FrontContext {
    /// The name that the path gives a sale, which need not be there.
    fileprivate func saleToBe() throws(Problem) -> SaleID {
        guard let id = parameters.get("sale").flatMap({ SaleID($0) }) else {
            throw Problem(invalid: [Violation(field: "sale", reason: "must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit")])
        }
        return id
    }
}
