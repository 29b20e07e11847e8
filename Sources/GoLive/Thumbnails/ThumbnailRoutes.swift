extension Application {
    var thumbnailRoutes: [Route] { [] }
}
