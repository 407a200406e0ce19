import HummingbirdCore
import SaleCore
import SaleService

/// A stream that a client asks for, and that has its place.
struct StreamRequest {
    var name: SaleStreams.Name
    /// Of the whole sale.
    var page: SalePage
    /// Whose place it has; `nil` is nobody's.
    var address: String?
    /// What the client heard last, before its connection broke.
    var lastEventID: String?
}

/// `?items=a,b`.
struct StreamQuery: Equatable {
    static let parameters = ["items"]

    /// Of the items that are asked for, in their order and each once; `nil` is all.
    var skus: [SKU]?

    init(_ uri: URI, of terms: SaleTerms) throws(Problem) {
        guard let text = uri.queryParameters["items"] else { return }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= Limits.streamItemsMax else { throw Self.wrong("must name at most \(Limits.streamItemsMax) items") }
        var skus: Set<SKU> = []
        for name in names {
            guard let sku = SKU(String(name)), terms.items[sku] != nil else {
                throw Self.wrong("must name items of this sale, with commas between them, and not \"\(BodyProblem.excerpt(String(name)))\"")
            }
            skus.insert(sku)
        }
        self.skus = skus.sorted()
    }

    private static func wrong(_ reason: String) -> Problem { Problem(invalid: [Violation(field: "items", reason: reason)]) }
}

extension Problem {
    /// The node, or the client's address, has as many streams as it may. What they tell, the page
    /// tells, too.
    static func noStream(of sale: String, retryAfterSeconds: Int) -> Problem {
        var problem = Problem(
            .overloaded, detail: "There is no room for another stream. The sale's page tells the same.", retryAfterSeconds: retryAfterSeconds)
        problem.link = "<\(PublicRoutes.salePrefix)\(sale)>; rel=\"alternate\""
        return problem
    }
}
