package import SaleService

extension PostgresCatalog: OperatorRequests {
    package func kept(under key: String, of actor: String) async throws(JournalError) -> KeptRequest? {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(actor)
            parameters.text(key)
            return try session.query(.keptRequest, parameters) { result -> KeptRequest? in
                guard result.rowCount == 1 else { return nil }
                guard !result.isNull(0, 1) else { return KeptRequest(request: result.text(0, 0), answer: nil) }
                return KeptRequest(
                    request: result.text(0, 0),
                    answer: KeptRequest.Answer(
                        status: Int(result.int32(0, 1)), entityTag: result.isNull(0, 2) ? nil : result.text(0, 2), body: result.text(0, 3)))
            }
        }
    }

    package func keep(_ answer: KeptRequest.Answer, under key: RequestKey, of actor: String) async throws(JournalError) {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(actor)
            parameters.text(key.key)
            parameters.text(key.request)
            parameters.int64(Int64(answer.status))
            parameters.text(answer.entityTag)
            parameters.text(answer.body)
            try session.run(.keepAnswer, parameters)
        }
    }
}
